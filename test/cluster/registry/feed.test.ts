import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { randomFrom, SEED } from '../../faults/harness/seed.js';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { freePort } from '../../harness/free-port.js';
import { RedisConnection } from '../../harness/redis-connection.js';
import { texts } from '../../transports/redis/redis-fixture.js';
import { REMOTE_ENGINES, type RemoteServer } from '../remote-engines.js';
import { FeedReader } from './feed-reader.js';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

/** Which registry goes with the data of the projects: Redis has none. */
const REGISTRY_OF = { etcd: 'etcd', postgres: 'postgres', redis: 'postgres' } as const;

for (const [engine, kind] of Object.entries(REGISTRY_OF) as [keyof typeof REGISTRY_OF, 'etcd' | 'postgres'][]) {
  const reason = (await REMOTE_ENGINES[engine].missing()) ?? (await REGISTRY_STORES[kind].missing());
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`The change feed of three servers with data on ${engine}${skipped}`, () => {
    let registry: RegistryStore;
    let data: RemoteServer | undefined;
    const all: RegistryProcess[] = [];
    let alive: RegistryProcess[] = [];
    let key = '';
    let system = '';
    const call = (at: number, method: string, path: string, body?: string) =>
      (alive[at % alive.length] as RegistryProcess).call(method, `p/${path}`, key, body);
    const tokenAt = async (at: number) => (await call(at, 'GET', 'changes?wait=0')).data.since as string;
    before(async function () {
      if (reason !== undefined) this.skip();
      registry = await REGISTRY_STORES[kind].start();
      const options = { url: registry.url };
      if (engine !== kind) data = await REMOTE_ENGINES[engine].start();
      all.push(await RegistryProcess.start({ engine: kind, options }));
      all.push(...(await Promise.all([1, 2].map(() => RegistryProcess.start({ engine: kind, options })))));
      alive = [...all];
      const [first] = all as [RegistryProcess];
      const storage = { engine, options: data === undefined ? options : data.options };
      system = first.portkv.printed('SYSTEM_KEY');
      const made = await first.call('POST', '', system, { id: 'p', storage });
      expect(made.status, made.text).to.equal(201);
      key = made.data.new_api_key;
    });
    after(async () => {
      await Promise.all(all.map((server) => server.remove()));
      await data?.remove();
      await registry?.remove();
    });

    it('has at each server what was acknowledged at another one before the request', async () => {
      let since = await tokenAt(0);
      for (let i = 0; i < 12; i++) {
        const put = await call(i, 'PUT', `values/k${i % 3}`, `${i}`);
        expect(put.status, put.text).to.be.oneOf([201, 204]);
        const { data: found, text } = await call(i + 1, 'GET', `changes?wait=0&include=value&since=${since}`);
        expect(found.changes, text).to.have.length(1);
        expect(found.changes[0]).to.deep.include({ event: 'put', key: `k${i % 3}`, size_bytes: `${i}`.length });
        expect(found.changes[0].item.value).to.equal(`${i}`);
        since = found.since;
      }
      await call(1, 'DELETE', 'values/k0');
      const { data: removed } = await call(2, 'GET', `changes?wait=0&since=${since}`);
      expect(removed.changes.map(({ event, key: name }: Record<string, string>) => [event, name])).to.deep.equal([
        ['delete', 'k0'],
      ]);
    });

    it('has the same changes at each server, with tokens that are good at all, also within a transaction', async () => {
      const since = await tokenAt(0);
      await call(1, 'POST', 'transactions', transaction(['a', 'b', 'c', 'd']));
      await call(2, 'PUT', 'values/e', 'x');
      const events = await Promise.all(alive.map((server) => streamed(server, key, since, 5)));
      expect(events[0]?.map((it) => it.key)).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
      const [changes, ...others] = events.map((each) => each.map(({ id: _, ...change }) => change));
      for (const other of others) expect(other).to.deep.equal(changes);
      for (const [i] of (changes ?? []).entries()) {
        const id = events[i % 3]?.[i]?.id;
        const { data: rest } = await call(i + 1, 'GET', `changes?wait=0&since=${id}`);
        expect(rest.changes.map((it: { key: string }) => it.key)).to.deep.equal(['a', 'b', 'c', 'd', 'e'].slice(i + 1));
      }
    });

    it('wakes a request that waits at another server, and publishes an expiry once', async () => {
      const since = await tokenAt(1);
      const waiting = call(0, 'GET', `changes?wait=60&since=${since}`);
      await call(2, 'PUT', 'store/short?ttl=1', '1');
      const first = (await waiting).data;
      expect(first.changes.map((it: { event: string }) => it.event)).to.deep.equal(['put']);
      const next = (await call(1, 'GET', `changes?wait=60&since=${first.since}`)).data;
      expect(next.changes.map((it: { event: string }) => it.event)).to.deep.equal(['expire']);
      await call(0, 'PUT', 'values/after', '1');
      const last = (await call(2, 'GET', `changes?wait=60&since=${next.since}`)).data;
      expect(last.changes.map((it: { key: string }) => it.key)).to.deep.equal(['after']);
    });

    it('notifies Redis clients at one server of what was written at another', async () => {
      const port = await freePort();
      const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      const own = { registry: { engine: kind, options: { url: registry.url } } };
      const transports = [{ kind: 'redis', port }];
      await writeFile(join(folder, 'config.json'), JSON.stringify({ system: own, transports }));
      const server = await RegistryProcess.in(folder);
      const redis = await RedisConnection.open({ port });
      expect(await redis.send(['AUTH', 'p', key])).to.equal('+OK');
      await redis.send(['SUBSCRIBE', '__keyspace@0__:noted']);
      await call(0, 'PUT', 'values/noted', 'x');
      expect(texts(await redis.reply())).to.deep.equal(['message', '__keyspace@0__:noted', 'set']);
      await call(1, 'DELETE', 'values/noted');
      expect(texts(await redis.reply())).to.deep.equal(['message', '__keyspace@0__:noted', 'del']);
      redis.close();
      await server.remove();
    });

    it('answers a token that is not known with resync', async () => {
      const known = await tokenAt(0);
      for (const token of ['x', 'k3v9x0qa-g9w3kxq2b1', `${known}0`, `0123${known.slice(4)}`, `${known}-7`]) {
        const { status, data: found } = await call(1, 'GET', `changes?wait=0&since=${token}`);
        expect(status).to.equal(200);
        expect(found, token).to.deep.include({ changes: [], resync: true });
      }
    });

    it('leads to what is stored, for readers that go on at any server, one of which is killed', async () => {
      const next = randomFrom(SEED);
      const random = (below: number) => Math.floor(next() * below);
      const readers = Array.from({ length: 4 }, () => new FeedReader(() => alive, 'p/changes', key, random));
      await Promise.all(readers.map((reader) => reader.begin()));
      for (const { key: name, version } of await stored()) for (const { copy } of readers) copy.set(name, version);
      const following = readers.map((reader) => reader.until('last'));
      let done = 0;
      const writer = async (id: number) => {
        for (let i = 0; i < 60; i++) {
          const server = alive[random(alive.length)] as RegistryProcess;
          const name = `w${random(25)}`;
          const [method, path, body] = [
            ['PUT', `values/${name}`, `${id}.${i}`],
            ['DELETE', `values/${name}`, undefined],
            ['POST', 'transactions', transaction([name, `x${id}`, `y${random(5)}`])],
            ['PUT', `store/${name}?ttl=1`, '1'],
          ][random(4)] as [string, string, string | undefined];
          // One that was killed may have done it, or not.
          await server.callOnce(method, `p/${path}`, key, body).catch(() => undefined);
          done += 1;
        }
      };
      const writing = Promise.all([0, 1, 2, 3].map(writer));
      while (done < 100) await new Promise((resolve) => setTimeout(resolve, 10));
      const [killed] = alive.splice(random(3), 1);
      await killed?.kill();
      await writing;
      // What expires has to be removed, which is published, before the last change.
      while ((await counted()) !== (await stored()).length || (await stored()).some((it) => it.expires_at)) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect((await call(0, 'PUT', 'values/last', 'x')).status).to.be.oneOf([201, 204]);
      await Promise.all(following);
      const content = Object.fromEntries((await stored()).map((it) => [it.key, it.version]));
      for (const reader of readers) {
        expect(Object.fromEntries([...reader.copy].sort()), `seed ${SEED}`).to.deep.equal(content);
        expect(reader.resyncs, `seed ${SEED}`).to.equal(0);
        expect(reader.connections).to.be.greaterThan(5);
      }
    });

    /** How many entries there are, with those that have expired and were not removed. */
    async function counted(): Promise<number> {
      const headers = { authorization: `Bearer ${system}` };
      const metrics = await (await fetch(`${alive[0]?.address}/metrics`, { headers })).text();
      return Number(/^portkv_project_entries\{project="p".*\} (\d+)$/m.exec(metrics)?.[1]);
    }

    async function stored(): Promise<{ key: string; version: string; expires_at?: number }[]> {
      return (await call(0, 'GET', 'store?items=meta&limit=1000')).data.items;
    }
  });
}

function transaction(keys: readonly string[]): string {
  return JSON.stringify({ operations: [...new Set(keys)].map((key) => ({ put: { key, text: 'x' } })) });
}

/** The events of a stream after a token, as many as are asked for. */
async function streamed(server: RegistryProcess, key: string, since: string, count: number) {
  const stream = await EventStreamReader.open(`${server.address}/api/v1/projects/p/changes`, key, since);
  const events: { id: string; event: string; key: string; version: string }[] = [];
  while (events.length < count) {
    const next = await stream.next();
    if (next === undefined) break;
    if (next.event !== 'ready') events.push({ id: next.id, event: next.event, ...next.data });
  }
  stream.close();
  return events;
}
