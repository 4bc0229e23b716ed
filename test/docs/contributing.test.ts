import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
      await cp(join(root, name), join(copy, name), { recursive: true });
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
    await run(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: copy }).catch(
      (error: { stdout: string }) => {
        throw new Error(error.stdout);
      },
    );
    const mocha = [
      'node_modules/mocha/bin/mocha.js',
      '--no-config',
      '--require',
      'reflect-metadata',
      '--timeout',
      '60000',
    ];
    const only = ['--grep', 'the store whole-file', 'dist/test/contract/engines.test.js'];
    const { stdout } = await run(process.execPath, [...mocha, ...only], { cwd: copy }).catch((error) => error);
    expect(stdout)
      .to.match(/[1-9]\d* passing/)
      .and.not.match(/failing/);
  }).timeout(120_000);

  /** Before the end of the table in the file. */
  async function insert(name: string, line: string): Promise<void> {
    const text = await readFile(join(copy, name), 'utf8');
    await writeFile(join(copy, name), text.replace(/(\n {2}memory: .*\n)/, `$1${line}`));
  }
});
