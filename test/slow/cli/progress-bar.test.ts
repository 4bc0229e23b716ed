import { execFile, execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('portkv on a terminal', () => {
  let server: TestServer;
  before(async function () {
    try {
      execFileSync('script', ['--version']);
    } catch {
      console.log('        skipped: there is no `script` (util-linux) to make a terminal');
      return this.skip();
    }
    server = await TestServer.start();
    for (let page = 0; page < 4; page++) {
      const operations = Array.from({ length: 500 }, (_, i) => ({ put: { key: `key-${page}-${i}`, text: 'value' } }));
      const body = JSON.stringify({ operations });
      await server.call('POST', 'first_project/transactions', { key: server.projectKey, body });
    }
  });
  after(() => server?.stop());

  /** The output of a command on a terminal. */
  function onTerminal(...args: string[]): Promise<string> {
    const command = [process.execPath, resolve('bin/portkv.js'), ...args].map((word) => `'${word}'`).join(' ');
    const env = { ...process.env, TERM: 'xterm', PORTKV_URL: server.address, PORTKV_KEY: server.systemKey };
    return new Promise((done, failed) => {
      execFile('script', ['-qec', command, '/dev/null'], { env, timeout: 30_000 }, (error, out) =>
        error === null ? done(out) : failed(new Error(out, { cause: error })),
      );
    });
  }

  it('draws a progress bar for a migration, and prints its result', async () => {
    const output = await onTerminal('migrate', 'first_project', '--to', 'lmdb');
    expect(output).to.match(/Moving first_project to lmdb .*[█░]/u);
    expect(output).to.match(/100% \| 2000\/2000 entries/);
    expect(output).to.match(/2000 entries moved from json-file to lmdb; writers waited [\d.]+ ms/);
  }).timeout(40_000);

  it('draws one for an export, which does not get into the file', async () => {
    const output = await onTerminal(
      'export',
      'first_project',
      `${server.folder}/out.ndjson`,
      '--key',
      server.projectKey,
    );
    expect(output).to.match(/Exporting first_project .*[█░].*100% \| 2000\/2000 entries/su);
    expect(output).to.include('2000 entries of project');
  }).timeout(40_000);
});
