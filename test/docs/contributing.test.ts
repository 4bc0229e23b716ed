import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeExample } from './code-example.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

describe('CONTRIBUTING.md', () => {
  let copy: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'portkv-'));
    for (const name of ['src', 'test', 'tsconfig.json', 'package.json', '.mocharc.json']) {
      await cp(join(root, name), join(copy, name), {
        recursive: true,
        filter: (path) => basename(path) !== 'node_modules',
      });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rm(copy, { recursive: true, force: true }));

  it('adds an engine of under 60 lines that keeps every promise of Store', async () => {
    const document = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
    const engine = codeExample(document, 'whole-file/engine.ts');
    expect(engine.trimEnd().split('\n')).to.have.length.below(60);
    const path = join(copy, 'src/infrastructure/storage/engines/whole-file/engine.ts');
    await mkdir(dirname(path));
    await writeFile(path, engine);
    await insert('src/infrastructure/storage/engines/registry.ts', codeExample(document, 'registry.ts'));
    await insert('test/contract/engine-fixtures.ts', codeExample(document, 'engine-fixtures.ts'));
    await compile();
    expectPassed(await mocha('dist/test/contract/engines.test.js', '--grep', 'the store whole-file'));
  }).timeout(400_000);

  it('adds a transport of under 80 lines that refuses what REST refuses', async () => {
    const document = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
    const transport = codeExample(document, 'line-transport.ts');
    expect(transport.trimEnd().split('\n')).to.have.length.below(80);
    const tested = join(copy, 'test/transports/line-transport.ts');
    const same = (await readFile(tested, 'utf8')).replaceAll("'../../src/interfaces/", "'../");
    expect(transport).to.equal(same.replaceAll("'../../src/", "'../../"));
    await mkdir(join(copy, 'src/interfaces/lines'));
    await writeFile(join(copy, 'src/interfaces/lines/line-transport.ts'), transport);
    await writeFile(tested, "export { transport } from '../../src/interfaces/lines/line-transport.js';\n");
    const kinds = join(copy, 'src/composition/transports.ts');
    const line = codeExample(document, 'transports.ts');
    await writeFile(kinds, (await readFile(kinds, 'utf8')).replace(/(\n)( {2}rest: async)/, `$1${line}$2`));
    expect(await readFile(kinds, 'utf8')).to.include(line);
    // The server of the test then finds the kind as any other.
    const server = join(copy, 'test/transports/lines-server.ts');
    await writeFile(
      server,
      (await readFile(server, 'utf8'))
        .replace(/const kinds = .*\n/, 'const kinds = transportKinds;\n')
        .replace("import { transport } from './line-transport.js';\n", ''),
    );
    await compile();
    expectPassed(await mocha('dist/test/transports/line-transport.test.js'));
  }).timeout(400_000);

  async function compile(): Promise<void> {
    const tsc = ['node_modules/typescript/bin/tsc'];
    await run(process.execPath, tsc, { cwd: copy }).catch(({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    });
  }

  async function mocha(...parameters: string[]): Promise<string> {
    const options = ['--no-config', '--require', 'reflect-metadata', '--timeout', '60000', '--exit'];
    const all = ['node_modules/mocha/bin/mocha.js', ...options, ...parameters];
    const { stdout } = await run(process.execPath, all, { cwd: copy }).catch((error) => error);
    return stdout;
  }

  function expectPassed(report: string): void {
    expect(report)
      .to.match(/[1-9]\d* passing/)
      .and.not.match(/failing/);
  }

  /** Before the end of the table in the file. */
  async function insert(name: string, line: string): Promise<void> {
    const text = await readFile(join(copy, name), 'utf8');
    await writeFile(join(copy, name), text.replace(/(\n {2}memory: .*\n)/, `$1${line}`));
  }
});
