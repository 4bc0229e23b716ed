import { rmSync } from 'node:fs';
import { open } from 'lmdb';
import { entryKey } from './workloads.js';

/** Puts so many records into LMDB itself, 1,000 in each synced transaction, and prints how many a second. */
const [folder = '', count = '0', bytes = '0'] = process.argv.slice(2);
const root = open<Buffer, string>({ path: folder, encoding: 'binary', overlappingSync: false, noSubdir: false });
const record = Buffer.alloc(Number(bytes), 'x');
const began = performance.now();
for (let from = 0; from < Number(count); from += 1000) {
  await root.batch(() => {
    for (let i = from; i < from + 1000; i++) void root.put(entryKey(i), record);
  });
}
console.log((Number(count) * 1000) / (performance.now() - began));
await root.close();
rmSync(folder, { recursive: true });
