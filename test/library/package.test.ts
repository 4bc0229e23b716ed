import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

const JAVASCRIPT = `
import { open } from 'portkv';
const store = await open({ engine: 'lmdb', path: process.argv[2] });
await store.put('greeting', { hello: 'world' });
console.log((await store.get('greeting')).value.hello);
await store.close();
`;

const TYPESCRIPT = `
import { open, PortkvError } from 'portkv';
import { storeContract, type StoreFixture } from 'portkv/contract';
interface User { name: string }
const store = await open<User>({ engine: 'memory', path: 'data' });
const version: string = await store.put('a', { name: 'A' });
const name: string | undefined = (await store.get('a'))?.value.name;
// @ts-expect-error a user has a name
await store.put('b', { nome: 'B' });
export { name, version, PortkvError, storeContract, type StoreFixture };
`;

const CONTRACT = `
import { describe, it } from 'node:test';
import { storeContract } from 'portkv/contract';
import { engine } from 'portkv/engines/memory';
const options = new engine.Options();
storeContract({ describe, it }, {
  name: 'memory', durable: false,
  begin: async () => ({ open: () => engine.open({ folder: '.', name: 'x' }, options, console), dispose: async () => {} }),
});
`;

describe('The package', () => {
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'portkv-'));
    const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], {
      cwd: root,
    });
    const modules = join(project, 'node_modules');
    await mkdir(modules);
    await run('tar', ['-xzf', join(project, stdout.trim().split('\n').at(-1) ?? ''), '-C', modules]);
    await run('mv', [join(modules, 'package'), join(modules, 'portkv')]);
    // Its dependencies, as an installation would put them beside it.
    for (const name of await readdir(join(root, 'node_modules'))) {
      await symlink(join(root, 'node_modules', name), join(modules, name));
    }
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
  });
  after(() => rm(project, { recursive: true, force: true }));

  async function script(name: string, text: string, ...args: string[]): Promise<string> {
    await writeFile(join(project, name), text);
    return (await run(process.execPath, [...args, name, join(project, 'data')], { cwd: project })).stdout;
  }

  it('serves a JavaScript program', async () => {
    expect(await script('program.js', JAVASCRIPT)).to.equal('world\n');
  });

  it('does what docs/library.md shows', async () => {
    const page = await readFile(join(root, 'docs/library.md'), 'utf8');
    const example = page.split('```js\n')[1]?.split('```')[0] ?? '';
    expect(await script('example.js', example)).to.equal("Ada\n1n\nuser/1 { name: 'Ada L.' }\n");
  });

  it('has types for a TypeScript program', async () => {
    await writeFile(join(project, 'program.ts'), TYPESCRIPT);
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--skipLibCheck',
      '--types',
      '',
    ];
    await run(process.execPath, [compiler, ...flags, 'program.ts'], { cwd: project }).catch(
      (error: { stdout: string }) => {
        throw new Error(error.stdout);
      },
    );
  }).timeout(60_000);

  it('lets an engine of another package run the contract suite on any test framework', async () => {
    const report = await script('contract.js', CONTRACT, '--test-reporter=tap', '--test');
    expect(report)
      .to.match(/# pass [1-9]/)
      .and.to.match(/# fail 0/);
  }).timeout(60_000);

  it('takes an engine from an installed package that the settings name', async () => {
    const path = join(project, 'node_modules/portkv-engine-x');
    await mkdir(path);
    await writeFile(join(path, 'package.json'), '{"name":"portkv-engine-x","type":"module","exports":"./engine.js"}');
    await writeFile(join(path, 'engine.js'), "export { engine } from 'portkv/engines/json-file';");
    const program = JAVASCRIPT.replace("'lmdb'", "'package:portkv-engine-x'");
    expect(await script('other.js', program.replace('process.argv[2]', "process.argv[2] + '-x'"))).to.equal('world\n');
    const missing = program.replace('engine-x', 'engine-y');
    const error: Error = await script('missing.js', missing).catch((reason) => reason);
    expect(error.message).to.contain('storage.engine').and.to.contain('portkv-engine-y');
  });

  it('has a command', async () => {
    const { stdout } = await run(process.execPath, ['node_modules/portkv/bin/portkv.js', '--version'], {
      cwd: project,
    });
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
