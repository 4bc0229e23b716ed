import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { PortkvProcess } from '../../harness/portkv-process.js';
import { DAMAGES, filesOf } from '../../harness/store-damage.js';

describe('A server that is killed while damaged data is replaced', () => {
  let folder: string;
  let data: string;
  let server: PortkvProcess;
  let address: string;
  let key: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    data = join(folder, 'storage_data');
    await start();
  });
  afterEach(async () => {
    await end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  for (const [engine, damages] of Object.entries(DAMAGES)) {
    const [damage] = Object.values(damages);
    if (damage === undefined) continue;

    it(`has the damaged data of engine ${engine} as before, or the new content`, async () => {
      const systemKey = server.printed('SYSTEM_KEY');
      const body = JSON.stringify({ id: 'p', storage: { engine } });
      key = JSON.parse(await text('POST', '', body, systemKey)).data.new_api_key;
      for (const name of ['a', 'b']) await text('PUT', `/p/values/${name}`, `value of ${name}`);
      const content = await text('GET', '/p/export');
      await end('SIGTERM');
      await damage(data, 'p');
      const before = await filesOf(data, 'p');
      await start();
      await beginImport(content.slice(0, -10));
      await end('SIGKILL');
      expect(await filesOf(data, 'p')).to.include.members(before);
      await start();
      expect(await status('/p/values/a')).to.equal(503);
      const { kept } = JSON.parse(await text('POST', '/p/import?mode=replace', content)).data;
      await end('SIGKILL');
      expect(await filesOf(data, 'p')).to.include.members(kept);
      await start();
      expect(await text('GET', '/p/values/a')).to.equal('value of a');
      expect((await filesOf(data, 'p')).filter((name) => name.includes('.damaged-'))).to.deep.equal(kept);
    });
  }

  /** Sends the beginning of an import, and returns after the server has begun to store it. */
  async function beginImport(part: string): Promise<void> {
    const url = `${address}/api/v1/projects/p/import?mode=replace`;
    const sent = request(url, { method: 'POST', headers: { 'x-api-key': key } }).on('error', () => undefined);
    sent.write(part);
    const before = (await filesOf(data, 'p')).length;
    while ((await filesOf(data, 'p')).length <= before) await sleep(10);
  }

  async function text(method: string, path: string, body?: string, withKey = key): Promise<string> {
    const headers = { 'x-api-key': withKey };
    const init = body === undefined ? { method, headers } : { method, headers, body };
    return (await fetch(`${address}/api/v1/projects${path}`, init)).text();
  }

  async function status(path: string): Promise<number> {
    return (await fetch(`${address}/api/v1/projects${path}`, { headers: { 'x-api-key': key } })).status;
  }

  async function start(): Promise<void> {
    server = new PortkvProcess(folder);
    address = await server.ready();
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.child.exitCode !== null || server.child.signalCode !== null) return;
    const closed = once(server.child, 'close');
    server.kill(signal);
    await closed;
  }
});
