import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runPortkv } from '../../harness/portkv-command.js';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';
import { move } from './shared-workload.js';

const { missing, start } = REGISTRY_STORES.etcd;
const reason = await missing();
const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

describe(`A project in files that an import takes into a registry${skipped}`, () => {
  let store: RegistryStore;
  const servers: RegistryProcess[] = [];
  let [system, key, folder] = ['', '', ''];
  const registry = () => ({ engine: 'etcd', options: { url: store.url } });
  before(async function () {
    if (reason !== undefined) this.skip();
    store = await start();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await writeFile(join(folder, 'config.json'), '{}');
    const alone = await RegistryProcess.in(folder);
    system = alone.portkv.printed('SYSTEM_KEY');
    const made = await alone.call('POST', '', system, { id: 'old', storage: { engine: 'json-file' } });
    key = made.data.new_api_key;
    expect((await alone.call('PUT', 'old/values/k', key, 'from before')).status).to.equal(201);
    alone.portkv.kill('SIGTERM');
    await alone.portkv.end();
    await rename(join(folder, 'config.json'), join(folder, 'alone.json'));
    const imported = async (own: object) => {
      await writeFile(join(folder, 'config.json'), JSON.stringify({ system: { ...own, registry: registry() } }));
      const files = [join(folder, 'alone.json'), '--config', join(folder, 'config.json')];
      return runPortkv(['registry', 'import', ...files]);
    };
    const elsewhere = await imported({ storage: { persistent_file_path: 'other' } });
    expect(elsewhere).to.include({ code: 2 });
    expect(elsewhere.errors).to.include(`'old' is in files in ${join(folder, 'storage_data')}`);
    expect(await imported({})).to.include({ code: 0 });
    servers.push(await RegistryProcess.in(folder), await RegistryProcess.start(registry()));
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.remove()));
    if (folder !== '') await rm(folder, { recursive: true, force: true });
    await store?.remove();
  });
  const both = () => servers as [RegistryProcess, RegistryProcess];

  it('belongs to the server of that data folder, and others say which that is', async () => {
    const [a, b] = both();
    expect((await a.call('GET', 'old/values/k', key)).text).to.equal('from before');
    const { id } = JSON.parse(await readFile(join(folder, 'storage_data', 'node.portkv.json'), 'utf8'));
    const { status, text } = await b.call('PUT', 'old/values/k', key, 'x');
    expect(status).to.equal(503);
    expect(JSON.parse(text).error.server).to.equal(id);
    expect(b.logged('kept at server'), 'it is no failure of that server').to.equal(0);
  });

  it('is not taken from a server that has files of the same name', async () => {
    const [a, b] = both();
    await b.kill();
    const [from, to] = [a, b].map((server) => join(server.folder, 'storage_data')) as [string, string];
    const files = (await readdir(from)).filter((name) => name.startsWith('old'));
    expect(files).to.not.deep.equal([]);
    for (const name of files) await copyFile(join(from, name), join(to, name));
    await b.startAgain();
    expect((await b.call('GET', 'old/values/k', key)).text).to.include('which alone serves it');
    for (const name of files) expect(await readFile(join(to, name))).to.deep.equal(await readFile(join(from, name)));
  });

  it('is served by all after portkv migrate at its server, also after that one was killed', async () => {
    const [a, b] = both();
    await move(a, 'old', system, registry());
    expect((await b.call('GET', 'old/values/k', key)).text).to.equal('from before');
    await a.kill();
    expect((await b.call('PUT', 'old/values/k', key, 'at b')).status).to.equal(204);
    await a.startAgain();
    expect((await a.call('GET', 'old/values/k', key)).text).to.equal('at b');
  });
});
