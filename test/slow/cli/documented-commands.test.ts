import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { programOf } from '../../../src/interfaces/cli/program.js';
import { TestServer } from '../../harness/test-server.js';

describe('docs/cli.md', () => {
  let server: TestServer;
  let folder: string;
  let text: string;
  before(async () => {
    server = await TestServer.start();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await writeFile(join(folder, 'logo.png'), Buffer.from([137, 80, 78, 71]));
    text = await readFile('docs/cli.md', 'utf8');
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs lines of a shell that ends at the first one that fails. */
  function shell(lines: string): Promise<{ code: unknown; out: string; errors: string }> {
    const bin = resolve('bin/portkv.js');
    const script = `set -e -o pipefail\nportkv() { "${process.execPath}" "${bin}" "$@"; }\n${lines}`;
    const keys = { URL: server.address, SYSTEM_KEY: server.systemKey, PROJECT_KEY: server.projectKey };
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: folder, ...keys };
    return new Promise((done) => {
      execFile('bash', ['-xc', script], { env, cwd: folder }, (error, out, errors) =>
        done({ code: error?.code ?? 0, out, errors }),
      );
    });
  }

  it('has examples that work, in their order', async () => {
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines);
    const { code, out, errors } = await shell(blocks.join('\n'));
    expect(code, errors).to.equal(0);
    for (const part of [
      'hello, world',
      '"value":{"lang":"en"}',
      '\n41\n',
      'photos/logo\n',
      '{"keys":["greeting","log"',
    ]) {
      expect(out).to.include(part);
    }
  }).timeout(300_000);

  it('names every command, and has its JSON', () => {
    const leaves = [...leavesOf(programOf('', {} as never))].filter(
      (name) => !['serve', 'completion', 'help'].includes(name),
    );
    const table = text.slice(text.indexOf('## JSON'));
    const missing = leaves.filter((name) => !table.includes(`\`${name}\``) && name !== 'snapshot restore');
    expect(missing).to.deep.equal([]);
  });
});

function* leavesOf(command: ReturnType<typeof programOf>, path = ''): Generator<string> {
  if (command.commands.length === 0) yield path;
  for (const inner of command.commands) yield* leavesOf(inner, `${path} ${inner.name()}`.trim());
}
