import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeExample } from '../../docs/code-example.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../../..');

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
const location = { project: 'x', generation: 1, folder: '.' };
const begin = async () => ({ open: () => engine.open(location, options, console), dispose: async () => {} });
storeContract({ describe, it }, { name: 'memory', durable: false, begin });
`;

/** The packages that \`npm install --omit=dev\` puts beside it, by the lock file. */
async function productionPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const paths = Object.entries(packages).filter(([, { dev = false }]) => !dev);
  const names = paths.flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []);
  // Binaries for other systems are in the lock file only.
  return names.filter((name) => existsSync(join(root, 'node_modules', name)));
}

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
    for (const name of await productionPackages()) await install(name);
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
  });
  after(() => rm(project, { recursive: true, force: true }));

  /** Adds a package that the repository has, unless it is there. */
  async function install(name: string): Promise<void> {
    const path = join(project, 'node_modules', name);
    if (existsSync(path)) return;
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(root, 'node_modules', name), path);
  }

  /** The report of node's test runner, also if a test fails. */
  async function report(name: string): Promise<string> {
    const running = run(process.execPath, ['--test-reporter=tap', '--test', name], { cwd: project });
    return (await running.catch((error: { stdout: string }) => error)).stdout;
  }

  async function compile(...args: string[]): Promise<void> {
    const running = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], { cwd: project });
    await running.catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  }

  async function script(name: string, text: string): Promise<string> {
    await writeFile(join(project, name), text);
    return (await run(process.execPath, [name, join(project, 'data')], { cwd: project })).stdout;
  }

  it('serves a JavaScript program', async () => {
    expect(await script('program.js', JAVASCRIPT)).to.equal('world\n');
  });

  it('does what docs/library.md shows', async () => {
    const page = await readFile(join(root, 'docs/library.md'), 'utf8');
    const example = page.split('```js\n')[1]?.split('```')[0] ?? '';
    expect(await script('example.js', example)).to.equal("Ada\n1n\nuser/1 { name: 'Ada L.' }\nwater the plants\n");
  });

  it('has types for a TypeScript program', async () => {
    await writeFile(join(project, 'program.ts'), TYPESCRIPT);
    const language = ['--strict', '--module', 'nodenext', '--target', 'es2022'];
    await compile('--noEmit', ...language, '--skipLibCheck', '--types', '', 'program.ts');
  }).timeout(60_000);

  it('has a contract suite for any test framework, of which only the random test needs fast-check', async () => {
    await writeFile(join(project, 'contract.js'), CONTRACT);
    await rm(join(project, 'node_modules/fast-check'), { force: true });
    const without = await report('contract.js');
    expect(without)
      .to.match(/# fail 1\n/)
      .and.to.match(/not ok .* returns for random commands/);
    expect(without).to.contain('npm install --save-dev fast-check');
    await install('fast-check');
    expect(await report('contract.js'))
      .to.match(/# pass [1-9]/)
      .and.to.match(/# fail 0\n/);
  }).timeout(60_000);

  it('is all that an engine in a package of its own needs, as CONTRIBUTING.md shows', async () => {
    const page = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
    const source = codeExample(page, 'whole-file/engine.ts').replaceAll(/^import .* from '\.\..*\n/gm, '');
    await writeFile(join(project, 'engine.ts'), codeExample(page, 'imports.ts') + source);
    await writeFile(join(project, 'engine.test.ts'), codeExample(page, 'engine.test.ts'));
    for (const name of ['@types/node', 'fast-check']) await install(name);
    const [, command = ''] = /^npx tsc (.*)$/m.exec(page) ?? [];
    await compile(...command.split(' '));
    expect(await report('engine.test.js'))
      .to.match(/# pass [1-9]/)
      .and.to.match(/# fail 0\n/);

    const path = join(project, 'node_modules/portkv-engine-whole-file');
    await mkdir(path);
    await writeFile(join(path, 'package.json'), '{"type":"module","exports":"./engine.js"}');
    await copyFile(join(project, 'engine.js'), join(path, 'engine.js'));
    const program = JAVASCRIPT.replace("'lmdb'", "'package:portkv-engine-whole-file'");
    expect(await script('whole-file.js', program.replace('process.argv[2]', "process.argv[2] + '-whole'"))).to.equal(
      'world\n',
    );
  }).timeout(60_000);

  it('names a package that the settings ask for and that has no engine', async () => {
    const path = join(project, 'node_modules/portkv-engine-none');
    await mkdir(path);
    await writeFile(join(path, 'package.json'), '{"type":"module","exports":"./none.js"}');
    await writeFile(join(path, 'none.js'), 'export const engine = { open() {} };');
    for (const name of ['portkv-engine-missing', 'portkv-engine-none']) {
      const program = JAVASCRIPT.replace("'lmdb'", `'package:${name}'`);
      const error: Error = await script('missing.js', program).catch((reason) => reason);
      expect(error.message).to.contain('storage.engine').and.to.contain(name);
    }
  });

  it('holds of the tests only the contract suite', async () => {
    const files = await readdir(join(project, 'node_modules/portkv/dist/test'), { recursive: true });
    const others = files.filter(
      (name) => !/^contract(\/(\w[\w-]*\.contract|store-fixture)\.(js|js\.map|d\.ts))?$/.test(name),
    );
    expect(others).to.deep.equal([]);
  });

  it('is built when it is packed in a folder that has never been built', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const tracked = (await run('git', ['ls-files', '-z'], { cwd: root })).stdout.split('\0').filter(Boolean);
    for (const name of tracked) await cp(join(root, name), join(folder, name)).catch(ignoreMissing);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { stdout } = await run('npm', ['pack', '--silent'], { cwd: folder });
    const { stdout: listed } = await run('tar', ['-tzf', join(folder, stdout.trim())]);
    expect(listed.split('\n')).to.include.members(
      ['bin/portkv.js', 'dist/src/main.js'].map((name) => `package/${name}`),
    );
    await rm(folder, { recursive: true });
  }).timeout(60_000);

  it('has a command', async () => {
    const { stdout } = await run(process.execPath, ['node_modules/portkv/bin/portkv.js', '--version'], {
      cwd: project,
    });
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});

/** A file that was removed and not committed yet. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
