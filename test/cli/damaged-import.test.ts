import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { onlyLine, runHere } from '../harness/portkv-here.js';
import { TestServer } from '../harness/test-server.js';

describe('portkv import of a file that is damaged', () => {
  let server: TestServer;
  let env: Record<string, string>;
  before(async () => {
    server = await TestServer.start();
    env = { PORTKV_URL: server.address, PORTKV_KEY: server.projectKey };
    await runHere(['put', 'first_project', 'kept', 'value'], env);
  });
  after(() => server.stop());

  const exported = async () => (await runHere(['export', 'first_project'], env)).bytes;
  /** Makes the file, whose name matters: it may say what is in it. */
  const damages: Readonly<Record<string, (whole: Buffer) => Buffer>> = {
    'cut-off.ndjson.gz': (whole) => gzipSync(whole).subarray(0, -20),
    'not-compressed.ndjson.gz': () => Buffer.from([0x1f, 0x8b, 1, 2, 3]),
    'cut-off.ndjson': (whole) => whole.subarray(0, -30),
    'changed.ndjson': (whole) => Buffer.from(whole.toString().replace('value', 'other')),
  };
  for (const [name, damage] of Object.entries(damages)) {
    for (const mode of ['merge', 'replace']) {
      it(`is refused with one line, and changes nothing: ${name}, ${mode}`, async () => {
        const file = join(server.folder, name);
        await writeFile(file, damage(await exported()));
        const result = await runHere(['import', 'first_project', file, '--mode', mode], env);
        expect(result.code, result.errors).to.be.oneOf([1, 2]);
        onlyLine(result);
        expect((await runHere(['get', 'first_project', 'kept'], env)).out).to.equal('value');
      });
    }
  }
});
