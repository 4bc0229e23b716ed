import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { runPortkv } from '../../harness/portkv-command.js';

const CONFIG = {
  server_port: 0,
  system: { authentication: { enabled: false } },
  projects: [{ id: 'p', storage: { engine: 'lmdb' }, authentication: { enabled: false } }],
};

describe('A native addon that is missing on this platform', function () {
  this.timeout(60_000);
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'portkv-'));
    const modules = join(root, 'node_modules');
    await mkdir(modules);
    for (const name of ['bin', 'dist/src', 'package.json'])
      await cp(resolve(name), join(root, name), { recursive: true });
    const copied = ['fs-native-extensions', 'lmdb', '@lmdb', '@node-rs'];
    for (const name of await readdir('node_modules')) {
      const [from, to] = [resolve('node_modules', name), join(modules, name)];
      if (copied.includes(name)) await cp(from, to, { recursive: true });
      else await symlink(from, to);
    }
    await writeFile(join(root, 'config.json'), JSON.stringify(CONFIG));
  });
  after(() => rm(root, { recursive: true }));

  const hidden: Readonly<Record<string, string>> = {
    'fs-native-extensions': 'fs-native-extensions/prebuilds',
    lmdb: '@lmdb',
    '@node-rs/argon2': '@node-rs',
  };
  for (const [name, path] of Object.entries(hidden)) {
    it(`is one line that names it and the platform, for ${name}; --version and --help work`, async () => {
      const kept = join(root, 'node_modules', path);
      for (const one of await readdir(kept)) {
        if (one !== 'argon2') await rm(join(kept, one), { recursive: true });
      }
      const bin = join(root, 'bin/portkv.js');
      const config = ['--config', join(root, 'config.json')];
      for (const command of [
        ['serve'],
        ['doctor'],
        ['doctor', '--repair'],
        ['export', 'p'],
        ['snapshot', 'list', 'p'],
      ]) {
        const { code, out, errors } = await runPortkv([...command, ...config], {}, bin);
        expect((out + errors).trim().split('\n'), errors).to.have.length(1);
        expect(errors).to.include(`addon of ${name} is missing for ${process.platform}-${process.arch}`);
        expect(code).to.equal(1);
      }
      for (const option of ['--version', '--help']) expect((await runPortkv([option], {}, bin)).code).to.equal(0);
      await cp(resolve('node_modules', path), kept, { recursive: true });
    });
  }
});
