import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { expectReadable, makeStore, READ_ONLY_CASES, stateOf } from '../../library/read-only-folder.js';

const LIBRARY = new URL('../../../src/library.js', import.meta.url).href;

for (const one of READ_ONLY_CASES) {
  describe(one.title, () => {
    let path: string;
    beforeEach(async () => {
      path = await makeStore(one);
    });
    afterEach(() => rm(path, { recursive: true }));

    it('changes nothing either after a crash', async () => {
      const text = `
        import { open } from ${JSON.stringify(LIBRARY)};
        const store = await open({ path: ${JSON.stringify(path)} });
        for (let i = 0; i < 60; i++) await store.put('key-' + i, i);
        await store.delete('key-7');
        process.kill(process.pid, 'SIGKILL');`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', text], { stdio: 'ignore' });
      await once(child, 'exit');
      await writeFile(join(path, 'default.placement.json.0123456789ab.tmp'), '{');
      const before = await stateOf(path);
      await expectReadable(path);
      expect(await stateOf(path)).to.deep.equal(before);
    });
  });
}
