import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortkvProcess } from '../../harness/portkv-process.js';
import { DAMAGES, type Damage, filesOf } from '../../harness/store-damage.js';

const BIN = join(import.meta.dirname, '../../../../bin/portkv.js');

describe('The drill of docs/operations.md', () => {
  let folder: string;
  let data: string;
  let server: PortkvProcess;
  let address: string;
  let systemKey = '';
  let key = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    data = join(folder, 'storage_data');
    await start();
    systemKey = server.printed('SYSTEM_KEY');
  });
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [engine, damages] of Object.entries(DAMAGES)) {
    const [damage] = Object.values(damages);
    if (damage === undefined) {
      it(`has nothing to damage on engine ${engine}, which has no files`);
      continue;
    }

    it(`brings a project of engine ${engine} back while the server runs`, async () => {
      const id = await damaged(engine, damage);
      await start();
      expect(await read('a')).to.equal(503);
      const { code, out } = await portkv('snapshot', 'restore', 'drill', id, '--url', address, '--key', systemKey);
      expect(code, out).to.equal(0);
      await expectRestored(out);
    });

    it(`brings a project of engine ${engine} back while the server is stopped`, async () => {
      const id = await damaged(engine, damage);
      const { code, out } = await portkv('snapshot', 'restore', 'drill', id, ...configured());
      expect(code, out).to.equal(0);
      await start();
      await expectRestored(out);
    });

    it(`takes an export into a project of engine ${engine} while the server is stopped`, async () => {
      await damaged(engine, damage);
      const file = join(folder, 'drill.ndjson');
      const cut = await portkv('import', 'drill', file, '--mode', 'replace', '--dry-run', ...configured());
      expect(cut.code, cut.out).to.equal(0);
      const { code, out } = await portkv('import', 'drill', file, '--mode', 'replace', ...configured());
      expect(code, out).to.equal(0);
      await start();
      await expectRestored(out);
    });

    it(`empties a project of engine ${engine}, if that is confirmed`, async () => {
      await damaged(engine, damage);
      expect((await portkv('clear', 'drill', ...configured())).code).to.equal(2);
      const { code, out } = await portkv('clear', 'drill', '--yes', ...configured());
      expect(code, out).to.equal(0);
      expect(out)
        .to.match(/^Project 'drill' is empty now$/m)
        .and.to.match(/^kept: \S*drill/m);
      await start();
      expect(await read('a')).to.equal(404);
    });

    it(`takes a project of engine ${engine} back to the engine before`, async () => {
      await create(engine === 'json-file' ? 'directory' : 'json-file');
      expect((await portkv('migrate', 'drill', '--to', engine, '--url', address, '--key', systemKey)).code).to.equal(0);
      await stop();
      await damage(data, 'drill');
      const { code, out } = await portkv('migrate', 'drill', '--rollback', ...configured());
      expect(code, out).to.equal(0);
      await start();
      await expectRestored(out);
    });
  }

  it('is refused by a project that was never moved, with a reason', async () => {
    await create('json-file');
    const { code, out } = await portkv('migrate', 'drill', '--rollback', '--url', address, '--key', systemKey);
    expect(code).to.equal(5);
    expect(out).to.contain('no migration that could be undone');
    expect((await portkv('migrate', 'drill')).out).to.contain('--rollback is required');
  });

  /** A project of the stopped server with a snapshot, whose id is returned, and with damaged data. */
  async function damaged(engine: string, damage: Damage): Promise<string> {
    await create(engine);
    const taken = await portkv('snapshot', 'create', 'drill', '--url', address, '--key', systemKey);
    await portkv('export', 'drill', join(folder, 'drill.ndjson'), '--url', address, '--key', key);
    await stop();
    await damage(data, 'drill');
    const found = await portkv('doctor', 'drill', '--config', join(folder, 'config.json'));
    expect(found.code, found.out).to.equal(1);
    expect(found.out).to.match(/problem: project 'drill'.*\n.*portkv snapshot restore/);
    return taken.out.split(' ')[0] ?? '';
  }

  async function create(engine: string): Promise<void> {
    const body = JSON.stringify({ id: 'drill', storage: { engine } });
    const headers = { 'x-api-key': systemKey };
    const made = await fetch(`${address}/api/v1/projects`, { method: 'POST', headers, body });
    key = ((await made.json()) as { data: { new_api_key: string } }).data.new_api_key;
    for (const name of ['a', 'b']) {
      await fetch(`${address}/api/v1/projects/drill/values/${name}`, {
        method: 'PUT',
        headers: { 'x-api-key': key },
        body: `value of ${name}`,
      });
    }
  }

  /** The value under a key of the project, read with the key that it has always had; the status if there is none. */
  async function read(name: string): Promise<string | number> {
    const headers = { 'x-api-key': key };
    const answer = await fetch(`${address}/api/v1/projects/drill/values/${name}`, { headers });
    return answer.ok ? answer.text() : answer.status;
  }

  /** `out` is what the command printed: it names the damaged files. */
  async function expectRestored(out: string): Promise<void> {
    expect([await read('a'), await read('b')]).to.deep.equal(['value of a', 'value of b']);
    const kept = [...out.matchAll(/^kept: ([^ ,]+)/gm)].map(([, name]) => name);
    expect(kept).not.to.deep.equal([]);
    expect(await filesOf(data, 'drill')).to.include.members(kept);
    expect((await fetch(`${address}/readyz`)).status).to.equal(200);
    await stop();
    expect((await portkv('doctor', '--config', join(folder, 'config.json'))).code).to.equal(0);
  }

  function configured(): readonly string[] {
    return ['--config', join(folder, 'config.json')];
  }

  async function start(): Promise<void> {
    server = new PortkvProcess(folder);
    address = await server.ready();
  }

  async function stop(): Promise<void> {
    server.kill('SIGTERM');
    await server.end();
  }
});

async function portkv(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [BIN, ...args]);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
  await once(child, 'close');
  return { code: child.exitCode, out };
}
