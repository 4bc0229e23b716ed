import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { engineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { open, PortkvError } from '../../src/library.js';
import { ENGINE_FIXTURES } from '../contract/engine-fixtures.js';

const LIBRARY = new URL('../../src/library.js', import.meta.url).href;
const KEYS = { key_env: 'PORTKV_READ_ONLY_TEST' };
const NOBODY = 65_534;

/** Every name in a folder, with what it holds and all that changes when it is written. */
async function stateOf(folder: string): Promise<Map<string, string>> {
  const names = ['.', ...(await readdir(folder, { recursive: true }))].sort();
  const state = names.map(async (name): Promise<[string, string]> => {
    const path = join(folder, name);
    const found = await lstat(path, { bigint: true });
    const { ino, size, mode, mtimeNs, ctimeNs } = found;
    const content = found.isFile() ? (await readFile(path)).toString('base64') : '';
    return [name, [ino, size, mode, mtimeNs, ctimeNs, content].join(' ')];
  });
  return new Map(await Promise.all(state));
}

for (const engine of engineNames.filter((name) => ENGINE_FIXTURES[name].durable)) {
  for (const encryption of [undefined, KEYS]) {
    describe(`A store of ${engine}${encryption === undefined ? '' : ', encrypted,'} opened to be read only`, () => {
      let path: string;
      before(() => {
        process.env[KEYS.key_env] = Buffer.alloc(32, 7).toString('base64');
      });
      beforeEach(async () => {
        path = await mkdtemp(join(tmpdir(), 'portkv-'));
        await using store = await open<number>({ path, engine, encryption: encryption ?? null });
        for (let i = 0; i < 60; i++) await store.put(`key-${i}`, i);
        await store.put('gone', 0, { ttl: 0.05 });
        await store.delete('key-7');
        await new Promise((resolve) => setTimeout(resolve, 60));
      });
      afterEach(() => rm(path, { recursive: true }));

      async function readAll(): Promise<void> {
        await using store = await open<number>({ path, readOnly: true });
        const found: [string, number][] = [];
        for await (const { key, value } of store.list()) found.push([key, value]);
        expect(found).to.have.length(59);
        expect((await store.get('key-8'))?.value).to.equal(8);
        expect(await store.get('key-7')).to.equal(undefined);
        expect(await store.get('gone')).to.equal(undefined);
        expect(await codeOf(store.put('a', 1))).to.equal('forbidden');
        // Longer than what is swept, looked at or reserved now and then waits.
        await new Promise((resolve) => setTimeout(resolve, 700));
      }

      async function codeOf(promise: Promise<unknown>): Promise<unknown> {
        const error: unknown = await promise.catch((reason: unknown) => reason);
        return error instanceof PortkvError && error.code;
      }

      it('has not a byte, a name or a time changed', async () => {
        const before = await stateOf(path);
        await readAll();
        expect(await stateOf(path)).to.deep.equal(before);
      });

      it('has nothing changed either where a crash left its files', async () => {
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
        await readAll();
        expect(await stateOf(path)).to.deep.equal(before);
      });

      it('may lie in a folder that cannot be written, and be read by several at once', async function () {
        if (process.getuid?.() !== 0) {
          console.log('        skipped: only root can read as another user');
          return this.skip();
        }
        await own(path);
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

      it('keeps writers out, and is refused while one is there', async () => {
        {
          await using _ = await open({ path, readOnly: true });
          const error: unknown = await open({ path }).catch((reason: unknown) => reason);
          expect((error as Error).message).to.include('being read by another process');
        }
        await using _ = await open({ path });
        expect(await codeOf(open({ path, readOnly: true }))).to.equal('unavailable');
      });

      /** Only to be read, by somebody else. */
      async function own(folder: string): Promise<void> {
        for (const name of ['.', ...(await readdir(folder, { recursive: true }))].reverse()) {
          const one = join(folder, name);
          await chown(one, NOBODY, NOBODY);
          await chmod(one, (await lstat(one)).isDirectory() ? 0o500 : 0o400);
        }
      }
    });
  }
}
