import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { contents } from '../../harness/export-content.js';
import { TestServer } from '../../harness/test-server.js';

interface Ran {
  readonly code: unknown;
  readonly out: string;
  readonly errors: string;
}

const PROJECT = 'first_project';

describe('The command line', () => {
  let server: TestServer;
  let file: string;

  before(async () => {
    server = await TestServer.start();
    file = join(server.folder, 'export.ndjson');
    for (let i = 0; i < 300; i++) {
      await server.call('PUT', `${PROJECT}/values/key-${i}`, { key: server.projectKey, body: `{"n": ${i}}` });
    }
  });
  after(() => server.stop());

  it('exports, imports, migrates and takes snapshots on a running server, by its address', async () => {
    const owner = ['--url', server.address, '--key', server.projectKey];
    const system = ['--url', server.address, '--key', server.systemKey];
    await flow(owner, system);
  }).timeout(60_000);

  it('finds a running server by its configuration, and needs a key', async () => {
    const config = join(server.folder, 'config.json');
    const text = await readFile(config, 'utf8');
    const port = new URL(server.address).port;
    await writeFile(config, text.replace(/"server_port": \d+/, `"server_port": ${port}`));
    const refused = await portkv(['snapshot', 'list', PROJECT, '--config', config]);
    expect(refused.code).to.equal(5);
    expect(refused.errors).to.include('Invalid or missing API key');
    const listed = await portkv(['snapshot', 'list', PROJECT, '--config', config], { PORTKV_KEY: server.systemKey });
    expect(listed.code, listed.errors).to.equal(0);
    await writeFile(config, text);
  });

  it('does the same with the data of a stopped server, which can be started afterwards', async () => {
    const config = ['--config', join(server.folder, 'config.json')];
    await server.restart(() => flow(config, config));
    const { json } = await server.call('GET', `${PROJECT}/store?count=only`, { key: server.projectKey });
    expect(json.data.count).to.equal(300);
    expect((await server.call('GET', PROJECT, { key: server.projectKey })).json.data.storage.engine).to.equal('lmdb');
  }).timeout(60_000);

  it('follows a migration to that engine that another client started', async () => {
    const key = await server.project('watched');
    for (let page = 0; page < 10; page++) {
      const operations = Array.from({ length: 500 }, (_, i) => ({ put: { key: `key-${page}-${i}`, text: 'x' } }));
      await server.call('POST', 'watched/transactions', { key, body: JSON.stringify({ operations }) });
    }
    const body = JSON.stringify({ storage: { engine: 'directory' } });
    expect((await server.call('PUT', 'watched', { key: server.systemKey, body })).status).to.equal(202);
    const system = ['--url', server.address, '--key', server.systemKey];
    const watching = await portkv(['migrate', 'watched', '--to', 'directory', ...system]);
    expect(watching.errors).to.match(/5000 entries moved/);
    const again = await portkv(['migrate', 'watched', '--to', 'directory', ...system]);
    expect(again.errors).to.include('uses directory already');
  }).timeout(60_000);

  it('refuses to store anything in the memory of a server that runs only for the command', async () => {
    const config = ['--config', join(server.folder, 'config.json')];
    await server.project('fleeting', { storage: { engine: 'memory' } });
    expect(
      (await portkv(['export', PROJECT, file, '--url', server.address, '--key', server.projectKey])).code,
    ).to.equal(0);
    await server.restart(async () => {
      for (const args of [
        ['migrate', PROJECT, '--to', 'memory'],
        ['import', 'fleeting', file],
        ['snapshot', 'restore', PROJECT, '20250101-000000-000', '--into', 'fleeting'],
      ]) {
        const refused = await portkv([...args, ...config]);
        expect(refused.code, args[0]).to.equal(1);
        expect(refused.errors).to.include('No server is running').and.include('Nothing was changed');
      }
    });
    const { json } = await server.call('GET', `${PROJECT}/store?count=only`, { key: server.projectKey });
    expect(json.data.count).to.equal(300);
  }).timeout(30_000);

  it('does not resume an export of another project', async () => {
    const key = await server.project('other');
    const partial = join(server.folder, 'resumed.ndjson.partial');
    const begun = (await server.call('GET', `${PROJECT}/export`, { key: server.projectKey })).text.slice(0, 5000);
    await writeFile(partial, begun);
    const args = [
      'export',
      'other',
      partial.replace('.partial', ''),
      '--resume',
      '--url',
      server.address,
      '--key',
      key,
    ];
    const refused = await portkv(args);
    expect(refused.code).to.equal(2);
    expect(refused.errors).to.include(`of project "${PROJECT}", not of 'other'`);
    expect(await readFile(partial, 'utf8')).to.equal(begun);
    expect(await readdir(server.folder)).not.to.include('resumed.ndjson');
  }).timeout(30_000);

  it('prints what is wrong, and exits with 2 for a mistake, 4 for what is missing, 6 without a server', async () => {
    const missing = await portkv(['export', PROJECT, '--config', join(server.folder, 'no.json')]);
    expect(missing.code).to.equal(2);
    expect(missing.errors).to.include('There is no ');
    const unknown = await portkv(['export', 'nobody', '--url', server.address, '--key', server.projectKey]);
    expect(unknown.code).to.equal(4);
    expect(unknown.errors).to.include("Project with id 'nobody' not found");
    const nowhere = await portkv(['export', PROJECT, '--url', 'http://127.0.0.1:1']);
    expect(nowhere.code).to.equal(6);
    expect(nowhere.errors).to.include('cannot be reached');
  }).timeout(30_000);

  async function flow(owner: readonly string[], system: readonly string[]): Promise<void> {
    const exported = await portkv(['export', PROJECT, file, ...owner]);
    expect(exported.code, exported.errors).to.equal(0);
    expect(exported.errors).to.include('300 entries');
    const entries = contents({ status: 200, bytes: await readFile(file) });
    expect(entries).to.have.length(300);
    const piped = await portkv(['export', PROJECT, ...owner]);
    expect(contents({ status: 200, bytes: Buffer.from(piped.out) })).to.deep.equal(entries);

    const [, id = ''] = /^(\S+) {2}/.exec((await portkv(['snapshot', 'create', PROJECT, ...system])).out) ?? [];
    const kept = join(server.folder, 'storage_data', 'snapshots.portkv', PROJECT, `${id}.ndjson.gz`);
    expect((await portkv(['snapshot', 'verify', kept])).out).to.include('300 entries');
    const moved = await portkv(['migrate', PROJECT, '--to', 'lmdb', ...system]);
    expect(moved.code, moved.errors).to.equal(0);
    expect(moved.errors).to.match(/300 entries moved|uses lmdb already/);

    const dry = await portkv(['import', PROJECT, file, '--mode', 'replace', '--dry-run', ...owner]);
    expect(dry.errors, dry.errors).to.include('300 in the file');
    const imported = await portkv(['import', PROJECT, kept, '--mode', 'replace', ...owner]);
    expect(imported.code, imported.errors).to.equal(0);
    const restored = await portkv(['snapshot', 'restore', PROJECT, id, ...system]);
    expect(restored.out).to.include('300 entries');
    expect((await portkv(['snapshot', 'list', PROJECT, ...system])).out).to.include(id);

    const renamed = join(server.folder, 'renamed.backup');
    await copyFile(kept, renamed);
    expect((await portkv(['snapshot', 'verify', renamed])).out).to.include('300 entries');
    const damaged = join(server.folder, 'damaged.ndjson.gz');
    const bytes = await readFile(kept);
    await writeFile(damaged, bytes.subarray(0, bytes.length - 20));
    const verified = await portkv(['snapshot', 'verify', damaged]);
    expect(verified.code).to.equal(2);
    expect(verified.errors).to.include('damaged or not whole');
    const nowhere = await portkv(['snapshot', 'verify', join(server.folder, 'nowhere')]);
    expect(nowhere.code).to.equal(1);
    expect(nowhere.errors).to.include('cannot be read').and.not.include('damaged');
    const refused = await portkv(['import', PROJECT, damaged, '--mode', 'replace', ...owner]);
    expect(refused.code).not.to.equal(0);
    expect((await portkv(['snapshot', 'delete', PROJECT, id, ...system])).code).to.equal(0);
    expect(await readdir(join(kept, '..'))).to.deep.equal([]);
  }
});

function portkv(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((done) => {
    const { PATH, HOME } = process.env;
    const options = { env: { PATH, HOME, ...env }, maxBuffer: 1e8, timeout: 30_000 };
    execFile(process.execPath, [resolve('bin/portkv.js'), ...args], options, (error, out, errors) =>
      done({ code: error?.code ?? 0, out, errors }),
    );
  });
}
