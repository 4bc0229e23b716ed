import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';

const run = promisify(execFile);
const bin = join(import.meta.dirname, '../../../bin/portkv.js');

describe('portkv share', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    for (const key of ["iot/7/it's", 'iot/8/temp']) {
      const path = `first_project/values/${encodeURIComponent(key)}`;
      await server.call('PUT', path, { key: server.projectKey, body: key });
    }
  });
  after(() => server.stop());

  async function share(...args: string[]): Promise<{ key: string; line: string; stream: string }> {
    const env = { ...process.env, PORTKV_URL: server.address, PORTKV_KEY: server.projectKey };
    const { stdout } = await run(process.execPath, [bin, 'share', 'first_project', ...args], { env });
    const [key = '', line = '', stream = ''] = stdout.trim().split('\n');
    return { key, line, stream };
  }

  const slice = ['--prefix', "iot/7/it's", '--for', '2h'];
  const uses: Readonly<Record<string, RegExp>> = {
    read: /"key":"iot\/7\/it's"/,
    list: /"keys":\["iot\/7\/it's"\]/,
    delete: /"count":1/,
    'read,list': /"keys":\["iot\/7\/it's"\]/,
  };
  for (const [scopes, expected] of Object.entries(uses)) {
    it(`prints a curl line that works, for ${scopes}`, async () => {
      const { line } = await share('--scopes', scopes, ...slice);
      const { stdout } = await run('bash', ['-c', `${line} -s`]);
      expect(stdout, line).to.match(expected);
    });
  }

  it('prints a URL for a browser, too, if the key may watch', async () => {
    const { key, line, stream } = await share('--scopes', 'watch', ...slice);
    expect([key.slice(0, 4), line.slice(0, 5)]).to.deep.equal(['pkv_', 'curl ']);
    const opened = await fetch(stream, { headers: { accept: 'text/event-stream' } });
    expect([opened.status, opened.headers.get('content-type')]).to.deep.equal([200, 'text/event-stream']);
    await opened.body?.cancel();
    expect((await fetch(stream)).status).to.equal(401);
    expect((await share('--scopes', 'read', ...slice)).stream).to.equal('');
  });

  it('creates a key for that prefix only, and for that time only', async () => {
    const before = Date.now() / 1000;
    const { key } = await share('--scopes', 'read,write', '--prefix', 'iot/7/', '--for', '2h');
    const after = Date.now() / 1000;
    const { json } = await server.call('GET', '/api/v1/whoami', { key });
    expect(json.data).to.deep.include({ prefix: 'iot/7/', scopes: ['read', 'write'] });
    expect(json.data.expires_at).to.be.within(before + 7200, after + 7200);
    expect((await server.call('GET', 'first_project/values/iot%2F8%2Ftemp', { key })).status).to.equal(403);
  });

  it('names what is wrong with its options', async () => {
    const wrong = async (...args: string[]) => share(...args).catch((error: { stderr: string }) => error.stderr);
    expect(await wrong('--scopes', 'reed')).to.contain('reed: no scope');
    expect(await wrong('--for', 'soon')).to.contain('such as 2h');
  });
});
