import { spawn } from 'node:child_process';
import { chmod, chown, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from '../../src/library.js';
import { codeOf, expectReadable, makeStore, READ_ONLY_CASES, stateOf } from './read-only-folder.js';

const LIBRARY = new URL('../../src/library.js', import.meta.url).href;
const NOBODY = 65_534;

for (const one of READ_ONLY_CASES) {
  describe(one.title, () => {
    let path: string;
    beforeEach(async () => {
      path = await makeStore(one);
    });
    afterEach(() => rm(path, { recursive: true }));

    it('changes no byte, name or time', async () => {
      const before = await stateOf(path);
      await expectReadable(path);
      expect(await stateOf(path)).to.deep.equal(before);
    });

    it('may be in a folder that cannot be written, and be read by several at once', async function () {
      if (process.getuid?.() !== 0) {
        console.log('        skipped: only root can read as another user');
        return this.skip();
      }
      await makeUnwritable(path);
      const text = `
        import { open } from ${JSON.stringify(LIBRARY)};
        process.setuid(${NOBODY});
        const stores = await Promise.all([1, 2].map(() => open({ path: ${JSON.stringify(path)}, readOnly: true })));
        for (const store of stores) console.log((await store.get('key-8')).value);
        for (const store of stores) await store.close();`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout.setEncoding('utf8');
      let out = '';
      for await (const piece of child.stdout) out += piece;
      expect(out).to.equal('8\n8\n');
    });

    it('keeps writers out, and is refused while there is one', async () => {
      {
        await using _ = await open({ path, readOnly: true });
        const error: unknown = await open({ path }).catch((reason: unknown) => reason);
        expect((error as Error).message).to.include('being read by another process');
      }
      await using _ = await open({ path });
      expect(await codeOf(open({ path, readOnly: true }))).to.equal('unavailable');
    });
  });
}

/** Makes a folder readable for one other user only, and writable for none. */
async function makeUnwritable(folder: string): Promise<void> {
  for (const name of ['.', ...(await readdir(folder, { recursive: true }))].reverse()) {
    const one = join(folder, name);
    await chown(one, NOBODY, NOBODY);
    await chmod(one, (await lstat(one)).isDirectory() ? 0o500 : 0o400);
  }
}
