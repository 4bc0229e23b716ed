import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortkvProcess } from '../../harness/portkv-process.js';

const MIB = 1024 * 1024;
const PROJECT = '/api/v1/projects/p';

describe('A cluster of values of 16 MiB among small ones', () => {
  let folder: string;
  let server: PortkvProcess;
  let address: string;
  let key: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    server = new PortkvProcess(folder);
    address = await server.ready();
    const created = await send(
      'POST',
      '/api/v1/projects',
      server.printed('SYSTEM_KEY'),
      '{"id":"p","storage":{"engine":"lmdb"}}',
    );
    key = JSON.parse(await created.text()).data.new_api_key;
    for (let page = 0; page < 10; page++) {
      const operations = Array.from({ length: 1000 }, (_, i) => ({ put: { key: `a-${page}-${i}`, text: 'x' } }));
      expect((await send('POST', `${PROJECT}/transactions`, key, JSON.stringify({ operations }))).status).to.equal(200);
    }
    const large = Buffer.alloc(16 * MIB, 'x');
    for (let i = 0; i < 40; i++)
      expect((await send('PUT', `${PROJECT}/values/large-${i}`, key, large)).status).to.equal(201);
  });
  after(async () => {
    server.kill('SIGKILL');
    await server.end();
    await rm(folder, { recursive: true, force: true });
  });

  function send(method: string, path: string, secret: string, body?: string | Buffer): Promise<Response> {
    const headers = { 'x-api-key': secret };
    return fetch(address + path, { method, headers, ...(body === undefined ? {} : { body: body as string }) });
  }

  /** By how much the memory of the server, without mapped files, grows at most during a task, in bytes. */
  async function growth(task: () => Promise<void>): Promise<number> {
    const now = async () => {
      const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8');
      return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) * 1024;
    };
    const before = await now();
    let peak = before;
    const watch = setInterval(async () => {
      peak = Math.max(peak, await now());
    }, 20);
    await task();
    clearInterval(watch);
    return peak - before;
  }

  it('costs an export, a snapshot and a migration only the memory of a few of them', async () => {
    const exported = await growth(async () => {
      const { body } = await send('GET', `${PROJECT}/export`, key);
      for await (const _ of body as unknown as AsyncIterable<Uint8Array>);
    });
    const snapshot = await growth(async () => {
      expect((await send('POST', `${PROJECT}/snapshots`, key)).status).to.equal(201);
    });
    const moved = await growth(async () => {
      const system = server.printed('SYSTEM_KEY');
      await writeFile(join(folder, 'test.keys'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
      const sealed = await send('PUT', PROJECT, system, '{"storage":{"encryption":{"key_file":"test.keys"}}}');
      expect(sealed.status).to.equal(202);
      for (;;) {
        const state = JSON.parse(await (await send('GET', sealed.headers.get('location') ?? '', system)).text()).data;
        if (state.state === 'done') break;
        expect(state.state, state.error).to.equal('copying');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    const all = [exported, snapshot, moved].map((bytes) => Math.round(bytes / MIB));
    console.log(`        export ${all[0]} MiB, snapshot ${all[1]} MiB, move ${all[2]} MiB, of ${40 * 16} MiB`);
    for (const mib of all) expect(mib).to.be.below(400);
  }).timeout(120_000);
});
