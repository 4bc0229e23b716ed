import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CommandOutput, runHere } from '../harness/portkv-here.js';

const EXPORT = ['export', 'p'];
/** Arguments, variables, and what the one line names. */
const WRONG: readonly (readonly [args: readonly string[], env: Record<string, string>, named: readonly string[]])[] = [
  [[...EXPORT, '--url', '127.0.0.1:8080'], {}, ['--url', 'http://']],
  [[...EXPORT, '--url', 'localhost:8080'], {}, ['--url', 'http://']],
  [[...EXPORT, '--url', ''], {}, ['--url', 'empty']],
  [EXPORT, { PORTKV_URL: 'localhost:8080' }, ['PORTKV_URL', 'http://']],
  [EXPORT, { PORTKV_URL: '' }, ['PORTKV_URL', 'empty']],
  [EXPORT, { PORTKV_URL: 'http://localhost:1 ' }, ['PORTKV_URL', 'white space']],
  [EXPORT, { PORTKV_URL: 'http://localhost:1', PORTKV_KEY: 'key\n' }, ['PORTKV_KEY', 'line feed']],
  [[...EXPORT, '--url', 'http://localhost:1', '--key', ''], {}, ['--key', 'empty']],
  [['serve', '--host', ''], {}, ['--host', 'empty']],
  [['serve', '--data', ' '], {}, ['--data', 'empty']],
  [['serve', '--config', ''], {}, ['--config', 'empty']],
  [['serve', '--port', ''], {}, ['--port', '65535']],
  [['doctor', '--data', ''], {}, ['--data', 'empty']],
  [['export', ''], {}, ['project', 'project id']],
  [['export', 'a/../b'], {}, ['project', 'project id']],
  [['export', 'p', ''], {}, ['file', 'empty']],
  [['import', 'p', 'f', '--after', ''], {}, ['--after', 'empty']],
  [['snapshot', 'restore', 'p', 's', '--into', ''], {}, ['--into', 'project id']],
  [['snapshot', 'delete', 'p', ''], {}, ['snapshot', 'empty']],
  [['share', 'p', '--prefix', ''], {}, ['--prefix', 'empty']],
  [['migrate', 'p', '--to', ''], {}, ['--to', 'empty']],
  [['migrate', 'p'], {}, ['--to']],
];

describe('The values of options and variables', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true }));

  function expectOneLine({ code, out, errors }: CommandOutput, named: readonly string[], what: string): void {
    expect(errors.trim().split('\n'), `${what}: ${errors}`).to.have.length(1);
    for (const name of named) expect(errors, what).to.include(name);
    expect(code, `${what}: ${errors}`).to.equal(2);
    expect(out, what).to.equal('');
  }

  it('are named in one line with what is missing, with exit code 2, and nothing is written', async () => {
    for (const [args, env, named] of WRONG) {
      const config = args.includes('--config') ? [] : ['--config', join(folder, 'config.json')];
      const option = args[0] === 'snapshot' && args[1] === 'verify' ? [] : config;
      const what = JSON.stringify([args, env]);
      expectOneLine(await runHere([...args, ...option], env), named, what);
    }
    expect(await readdir(folder)).to.deep.equal([]);
  }).timeout(60_000);

  it('are not asked of the environment if an option is given', async () => {
    const { code, errors } = await runHere([...EXPORT, '--url', 'http://127.0.0.1:1'], { PORTKV_URL: 'nonsense' });
    expect(code).to.equal(6);
    expect(errors).to.include('cannot be reached').and.not.include('PORTKV_URL');
  });

  it('do not matter to --help and --version, which exit with 0', async () => {
    expect((await runHere(['--version'], { PORTKV_URL: '' })).code).to.equal(0);
    const { code, out } = await runHere(['export', '--help'], { PORTKV_URL: '' });
    expect([code, out]).to.satisfy(([exit, text]: [number, string]) => exit === 0 && text.includes('--url'));
  });

  it('that name a file that cannot be written or read give one line, without a stack', async () => {
    const missing = join(folder, 'missing', 'file');
    const verified = await runHere(['snapshot', 'verify', missing]);
    expect(verified.code).to.equal(1);
    expect(verified.errors.trim().split('\n')).to.have.length(1);
  });
});
