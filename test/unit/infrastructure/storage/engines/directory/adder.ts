// Adds to counters in a shared folder: node adder.js FOLDER TIMES
import 'reflect-metadata';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { openEngineStore } from '../../../../../contract/engine-fixtures.js';

const [folder = '', times = '0'] = process.argv.slice(2);
const store = await openEngineStore('directory', folder);
const keys = ['one', 'two'];
let version = Date.now() * 1000 + process.pid;
for (let done = 0; done < Number(times); ) {
  const before = await store.getMany(keys);
  const expect = keys.map((key, i) => ({ key, version: before[i]?.version }));
  const put = keys.map((key, i): Entry => {
    version += 5000;
    const value = Buffer.from(String(Number(Buffer.from(before[i]?.value ?? []).toString()) + 1));
    return { key, value, contentType: 'application/json', version, createdAt: 1, updatedAt: 1 };
  });
  if (await store.commit({ expect, put })) done += 1;
}
await store.close();
