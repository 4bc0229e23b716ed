import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from '../../../src/library.js';
import { EventStreamReader, type ServerSentEvent } from '../../harness/event-stream-reader.js';
import { TestServer } from '../../harness/test-server.js';

const LIBRARY = new URL('../../../src/library.js', import.meta.url).href;

describe('A folder that several servers and programs share', () => {
  let shared: string;
  let ours: TestServer;
  let theirs: TestServer;
  let key: string;
  let theirKey: string;

  beforeEach(async () => {
    shared = await mkdtemp(join(tmpdir(), 'portkv-'));
    [ours, theirs] = [await TestServer.start(), await TestServer.start()];
    [key, theirKey] = [await sharing(ours), await sharing(theirs)];
  });
  afterEach(async () => {
    await ours.stop();
    await theirs.stop();
    await rm(shared, { recursive: true });
  });

  /** Creates a project in the shared folder, which can be named only in the configuration. */
  async function sharing(server: TestServer): Promise<string> {
    const owner = await server.project('p', { storage: { engine: 'directory' } });
    const file = join(server.folder, 'config.json');
    await server.restart(async () => {
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.projects.find(({ id }: { id: string }) => id === 'p').storage.options = { path: shared };
      await writeFile(file, JSON.stringify(config));
    });
    return owner;
  }

  const put = (name: string, body = 'x', query = '') =>
    theirs.call('PUT', `p/values/${name}${query}`, { key: theirKey, body });

  async function watch(since?: string): Promise<EventStreamReader> {
    const reader = await EventStreamReader.open(`${ours.address}/api/v1/projects/p/changes?include=value`, key, since);
    if (since === undefined) await reader.until('ready');
    return reader;
  }

  function summaries(events: readonly (ServerSentEvent | undefined)[]): string[] {
    return events.map((it) => `${it?.event} ${it?.data.key}`);
  }

  it('reports what the other server stores, deletes and expires, in the order of versions', async () => {
    const reader = await watch();
    await put('a', 'of theirs');
    const first = await reader.next();
    expect(first?.data).to.include({ key: 'a', size_bytes: 9 });
    expect(first?.data.item.value).to.equal('of theirs');
    const { headers } = await ours.call('GET', 'p/values/a', { key });
    expect(headers.get('etag')).to.equal(`"${first?.data.version}"`);
    await ours.call('PUT', 'p/values/b', { key, body: 'ours' });
    await put('c', 'x', '?ttl=0.1');
    await theirs.call('DELETE', 'p/values/a', { key: theirKey });
    const others = [await reader.next(), await reader.next(), await reader.next()];
    expect(summaries(others)).to.deep.equal(['put b', 'put c', 'delete a']);
    expect(summaries([await reader.next()])).to.deep.equal(['expire c']);
    const versions = [first, ...others].map((it) => Number.parseInt(it?.data.version, 36));
    expect(versions).to.deep.equal(versions.toSorted((a, b) => a - b));
    reader.close();
  });

  it('reports changes of the other server to polls, one after another', async () => {
    const { since } = (await ours.call('GET', 'p/changes?wait=0', { key })).json.data;
    const waiting = ours.call('GET', `p/changes?wait=30&since=${since}`, { key });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await put('a');
    const { data } = (await waiting).json;
    expect(data.changes.map((it: { key: string }) => it.key)).to.deep.equal(['a']);
    await put('b');
    const next = await ours.call('GET', `p/changes?wait=30&since=${data.since}`, { key });
    expect(next.json.data.changes.map((it: { key: string }) => it.key)).to.deep.equal(['b']);
  });

  it('reports files that were created, changed and removed by hand', async () => {
    const reader = await watch();
    const file = join(shared, 'hand.json');
    await writeFile(file, '{"hand": {"value": 1}}');
    expect((await reader.next())?.data.item.value).to.equal(1);
    await writeFile(file, '{"hand": {"value": 2}}');
    expect((await reader.next())?.data.item.value).to.equal(2);
    await rm(file);
    expect(summaries([await reader.next()])).to.deep.equal(['delete hand']);
    reader.close();
  });

  it('reports resync if a file is older or newer than changes that were reported already', async () => {
    const reader = await watch();
    await ours.call('PUT', 'p/values/a', { key, body: 'ours' });
    await reader.until('put');
    for (const year of [2001, 2100]) {
      const file = join(shared, `y${year}.json`);
      await writeFile(join(shared, 'aside'), `{"y${year}": {"value": 1}}`);
      await utimes(join(shared, 'aside'), new Date(`${year}-01-01`), new Date(`${year}-01-01`));
      await rename(join(shared, 'aside'), file);
      expect((await reader.next())?.event).to.equal('resync');
      expect((await ours.call('GET', `p/values/y${year}`, { key })).text).to.equal('1');
    }
    await ours.call('PUT', 'p/values/b', { key, body: 'ours' });
    expect(summaries([await reader.next()])).to.deep.equal(['put b']);
    reader.close();
  });

  it('passes changes between two processes that use the library', async () => {
    const path = await mkdtemp(join(tmpdir(), 'portkv-'));
    const store = await open({ engine: 'directory', path, options: { path: shared } });
    const watching = store.watch();
    expect((await watching.next()).value).to.include({ event: 'ready' });
    const next = watching.next();
    const script = `import { open } from '${LIBRARY}';
      const store = await open({ engine: 'directory', path: process.argv[1], options: { path: process.argv[2] } });
      await store.put('a', { by: 'another process' });
      for await (const { key } of store.watch()) if (key === 'b') break;
      await store.delete('a');
      await store.close();`;
    const second = await mkdtemp(join(tmpdir(), 'portkv-'));
    const args = ['--input-type=module', '-e', script, second, shared];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const ended = once(child, 'exit');
    expect((await next).value).to.include({ event: 'put', key: 'a' });
    expect((await store.get('a'))?.value).to.deep.equal({ by: 'another process' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await store.put('b', 1);
    expect((await watching.next()).value).to.include({ event: 'put', key: 'b' });
    expect((await watching.next()).value).to.include({ event: 'delete', key: 'a' });
    expect((await ended)[0]).to.equal(0);
    await writeFile(join(shared, 'c.json'), '{"c": {"value": 1}}');
    await store.synchronize();
    const keys = [];
    for await (const name of store.keys()) keys.push(name);
    expect(keys).to.deep.equal(['b', 'c']);
    await store.close();
    for (const folder of [path, second]) await rm(folder, { recursive: true });
  }).timeout(20_000);

  it('keeps a reader of the changes consistent while both servers write', async () => {
    const seen = new Map<string, string>();
    const reader = await watch();
    const write = async (server: TestServer, owner: string, from: number) => {
      for (let i = 0; i < 60; i++) {
        const name = `p/values/k${(from + i * 7) % 20}`;
        if (i % 4 === 3) await server.call('DELETE', name, { key: owner });
        else await server.call('PUT', name, { key: owner, body: `${from}-${i}` });
      }
    };
    await Promise.all([write(ours, key, 0), write(theirs, theirKey, 5)]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await put('last', 'end');
    for (let last = ''; last !== 'last'; ) {
      const event = await reader.next();
      if (event?.event === 'resync') {
        const { json } = await ours.call('GET', 'p/store', { key });
        seen.clear();
        for (const [name, item] of Object.entries(json.data)) seen.set(name, (item as { value: string }).value);
        if (seen.has('last')) break;
      } else if (event?.event === 'put') seen.set(event.data.key, event.data.item?.value);
      else seen.delete(event?.data.key);
      last = event?.data.key;
    }
    const { json } = await ours.call('GET', 'p/store', { key });
    const stored = Object.entries(json.data).map(([name, item]) => [name, (item as { value: string }).value]);
    expect([...seen].sort()).to.deep.equal(stored.sort());
    reader.close();
  }).timeout(20_000);

  it('keeps a list of deletes for programs that look from time to time', async () => {
    await put('a');
    const before = Date.now() / 1000;
    await theirs.call('DELETE', 'p/values/a', { key: theirKey });
    const lines = (await readFile(join(shared, '.portkv', 'deleted.ndjson'), 'utf8')).trim().split('\n');
    const [line] = lines.map((text) => JSON.parse(text) as { key: string; deleted_at: number });
    expect(line?.key).to.equal('a');
    expect(line?.deleted_at).to.be.within(before, Date.now() / 1000);
  });
});
