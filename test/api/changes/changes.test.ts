import { expect } from 'chai';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { MovableClock } from '../../harness/movable-clock.js';
import { TestServer } from '../../harness/test-server.js';

describe('GET /changes', () => {
  const clock = new MovableClock();
  let server: TestServer;
  let key: string;
  let count = 0;
  let project: string;
  const readers: EventStreamReader[] = [];

  before(async () => {
    server = await TestServer.start(clock);
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    project = `p${count}`;
    key = await server.project(project, { storage: { engine: 'memory' } });
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  async function open(query = '', since?: string): Promise<EventStreamReader> {
    const reader = await EventStreamReader.open(
      `${server.address}/api/v1/projects/${project}/changes${query}`,
      key,
      since,
    );
    readers.push(reader);
    return reader;
  }

  const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    server.call(method, `${project}/${path}`, { key, headers, ...(body === undefined ? {} : { body }) });

  const poll = async (query: string) => (await call('GET', `changes?${query}`)).json.data;

  describe('as a stream', () => {
    it('begins with ready and tells every way to write, with the versions that the writes got', async () => {
      const reader = await open();
      expect(reader.headers).to.include({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const versions: string[] = [];
      const put = await call('PUT', 'values/a', '1', { 'content-type': 'application/json' });
      versions.push(put.headers.get('etag') ?? '');
      await call('PATCH', 'values/a', '2', { 'content-type': 'application/merge-patch+json' });
      await call('POST', 'store/a/increment', '{"by":1}');
      await call('POST', 'store/a/append', '0');
      await call('POST', 'store/a/touch', '{"ttl":100}');
      await call('POST', 'store', 'b=1&c=2', { 'content-type': 'application/x-www-form-urlencoded' });
      await call('POST', 'transactions', '{"operations":[{"delete":{"key":"b"}},{"put":{"key":"d","text":"x"}}]}');
      await call('PUT', 'store/e?ttl=0.05', 'short');
      await reader.until('expire').then((events) => {
        const told = events.map(({ event, data }) => `${event} ${data.key ?? ''}`.trim());
        expect(told).to.deep.equal([
          'ready',
          ...['put a', 'put a', 'put a', 'put a', 'put a', 'put b', 'put c', 'put d', 'delete b', 'put e', 'expire e'],
        ]);
        expect(`"${events[1]?.data.version}"`).to.equal(versions[0]);
        expect(events[1]?.data).to.have.all.keys('key', 'version', 'size_bytes');
        expect(events[4]?.data.size_bytes).to.equal(2);
        const numbers = events.slice(1).map(({ data }) => Number.parseInt(data.version, 36));
        expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
      });
      await call('DELETE', 'store?prefix=c');
      await call('DELETE', 'store');
      const rest = [await reader.next(), await reader.next(), await reader.next()];
      expect(rest.map((one) => `${one?.event} ${one?.data.key}`)).to.deep.equal(['delete c', 'delete a', 'delete d']);
    });

    it('brings the item with include=value, whatever its bytes', async () => {
      const reader = await open('?include=value');
      const values = ['{"a":\r\n1,\n\r"b":[]}', 'line\nline\r\n\r', Buffer.from([0, 255, 10]), ''];
      for (const value of values) await server.call('PUT', `${project}/values/k`, { key, body: value });
      await reader.next();
      const items = [];
      for (const _ of values) items.push((await reader.next())?.data.item);
      expect(items.map(({ value }) => value)).to.deep.equal([{ a: 1, b: [] }, 'line\nline\r\n\r', 'AP8K', '']);
      expect(items[2].encoding).to.equal('base64');
    });

    it('tells only keys with the prefix, or those named', async () => {
      const [byPrefix, byKey] = [await open('?prefix=a%2F'), await open('?key=a%2F2&key=b')];
      for (const name of ['a%2F1', 'b', 'a%2F2', 'c']) await call('PUT', `store/${name}`, '1');
      const keysOf = async (reader: EventStreamReader) => {
        await reader.next();
        return [(await reader.next())?.data.key, (await reader.next())?.data.key];
      };
      expect(await keysOf(byPrefix)).to.deep.equal(['a/1', 'a/2']);
      expect(await keysOf(byKey)).to.deep.equal(['b', 'a/2']);
      expect((await call('GET', 'changes?prefix=a&key=b')).status).to.equal(400);
    });

    it('goes on from the id of any event, by Last-Event-ID before since', async () => {
      const reader = await open();
      for (const name of ['a', 'b', 'c']) await call('PUT', `store/${name}`, name);
      const [ready, a, b] = [await reader.next(), await reader.next(), await reader.next()];
      reader.close();
      await call('PUT', 'store/b', 'again');
      const again = await open(`?include=value&since=${ready?.id}`, a?.id);
      const events = [await again.next(), await again.next(), await again.next(), await again.next()];
      expect(events.map((one) => [one?.event, one?.data.key, one?.data.item?.value])).to.deep.equal([
        ['ready', undefined, undefined],
        ['put', 'b', undefined],
        ['put', 'c', 'c'],
        ['put', 'b', 'again'],
      ]);
      expect(events[0]?.id).to.equal(a?.id);
      expect(events[1]?.id).to.equal(b?.id);
    });

    it('sends resync for a token that is not known, then goes on', async () => {
      const reader = await open('', 'some-token');
      // Without an id: whoever breaks off before the next event must be told again.
      expect(await reader.next()).to.deep.equal({ event: 'ready', id: '', data: {} });
      const resync = await reader.next();
      expect(resync?.event).to.equal('resync');
      await call('PUT', 'store/a', '1');
      const put = await reader.next();
      expect(put?.data.key).to.equal('a');
      const again = await open('', resync?.id);
      await again.next();
      expect(await again.next()).to.deep.equal(put);
    });

    it('keeps tokens good over a change of engine', async () => {
      const reader = await open();
      const ready = await reader.next();
      await call('PUT', 'store/a', '1');
      const body = JSON.stringify({ storage: { engine: 'lmdb' } });
      const { headers } = await server.call('PUT', project, { key: server.systemKey, body });
      const migration = headers.get('location') ?? '';
      while ((await server.call('GET', migration, { key: server.systemKey })).json.data.state !== 'done');
      await call('PUT', 'store/b', '2');
      expect([(await reader.next())?.data.key, (await reader.next())?.data.key]).to.deep.equal(['a', 'b']);
      const again = await open('', ready?.id);
      expect((await again.until('put')).map(({ event }) => event)).to.deep.equal(['ready', 'put']);
    });

    it('keeps nothing for a reader that is slow, and lets it catch up', async () => {
      const reader = await open('?include=value');
      await reader.next();
      reader.pause();
      const value = 'x'.repeat(100_000);
      for (let i = 0; i < 150; i++) await call('PUT', `store/k${i % 10}`, `${i} ${value}`);
      reader.resume();
      const seen = new Map<string, string>();
      for (let i = 0; i < 150; i++) {
        const { data } = (await reader.next()) ?? {};
        if (data.item) seen.set(data.key, data.item.value.split(' ')[0]);
      }
      expect([...seen.values()].sort()).to.deep.equal([
        '140',
        '141',
        '142',
        '143',
        '144',
        '145',
        '146',
        '147',
        '148',
        '149',
      ]);
    });

    it('sends resync to a reader so slow that what it missed is forgotten', async function () {
      this.timeout(60_000);
      const reader = await open('?include=value');
      await reader.next();
      reader.pause();
      const value = 'x'.repeat(1_000_000);
      for (let i = 0; i < 12; i++) await call('PUT', `store/large${i}`, value);
      const operations = Array.from({ length: 1000 }, (_, i) => ({ put: { key: `k${i}`, text: '' } }));
      const body = JSON.stringify({ operations });
      for (let i = 0; i < 21; i++) await call('POST', 'transactions', body);
      reader.resume();
      const events = await reader.until('resync');
      expect(events.length).to.be.below(15);
      await call('PUT', 'store/last', '1');
      let next = await reader.next();
      while (next?.data.key !== 'last') next = await reader.next();
    });

    it('tells each removal when a small store is cleared, and resync when other content takes its place', async () => {
      for (const name of ['a', 'b']) await call('PUT', `store/${name}`, '1');
      const exported = (await call('GET', 'export')).text;
      const [reader, token] = [await open('?include=value'), (await poll('wait=0')).since];
      await call('DELETE', 'store');
      expect((await reader.until('delete')).at(-1)?.data.key).to.equal('a');
      expect((await reader.next())?.data.key).to.equal('b');
      const imported = await call('POST', 'import?mode=replace', exported);
      expect(imported.status, imported.text).to.equal(200);
      const resync = await reader.next();
      expect(resync?.event).to.equal('resync');
      expect((await poll(`since=${token}&wait=0`)).resync).to.equal(true);
      await call('PUT', 'store/c', '1');
      const put = await reader.next();
      expect(put?.data.key).to.equal('c');
      expect((await poll(`since=${resync?.id}`)).changes).to.have.length(1);
    });

    it('ends when the project is deleted, when its key is replaced, and when the server stops', async () => {
      const deleted = await open();
      await deleted.next();
      await server.call('DELETE', project, { key: server.systemKey });
      expect(await deleted.next()).to.equal(undefined);

      project = 'rekeyed';
      key = await server.project(project);
      const replaced = await open();
      await replaced.next();
      await server.call('POST', `${project}/config/regenerate-api-key`, { key: server.systemKey, body: '{}' });
      expect(await replaced.next()).to.equal(undefined);

      project = 'stopped';
      key = await server.project(project, { storage: { engine: 'lmdb' } });
      const stopped = await open();
      const waiting = call('GET', 'changes?wait=60');
      const token = (await stopped.next())?.id;
      await call('PUT', 'store/a', '1');
      await stopped.next();
      const began = performance.now();
      await server.restart();
      expect(performance.now() - began).to.be.below(3_000);
      expect(await stopped.next()).to.equal(undefined);
      expect((await waiting).status).to.equal(200);
      const again = await open('', token);
      expect((await again.until('resync')).map(({ event }) => event)).to.deep.equal(['ready', 'resync']);
    });

    it('ends when keys become secret, unless they were named', async () => {
      const [all, named] = [await open(), await open('?key=a')];
      const body = JSON.stringify({ security: { keys_and_values_discoverable: false } });
      await server.call('PUT', project, { key: server.systemKey, body });
      await all.next();
      expect(await all.next()).to.equal(undefined);
      await call('PUT', 'store/a', '1');
      expect((await named.until('put')).at(-1)?.data.key).to.equal('a');
      expect((await open()).status).to.equal(403);
      expect((await open('?prefix=a')).status).to.equal(403);
      expect((await call('GET', 'changes?wait=0')).status).to.equal(403);
    });

    it('answers HEAD with the head alone', async () => {
      const { status, headers, text } = await call('HEAD', 'changes', undefined, { accept: 'text/event-stream' });
      expect([status, headers.get('content-type'), text]).to.deep.equal([200, 'text/event-stream', '']);
    });

    it('keeps to the slice of a key with a prefix, and ends the moment that key is deleted or expires', async () => {
      const owner = key;
      const made = async (members: object) => {
        const body = JSON.stringify({ name: 'slice', scopes: ['watch'], prefix: 'in/', ...members });
        return (await server.call('POST', `${project}/api-keys`, { key: owner, body })).json.data;
      };
      const slice = await made({});
      key = slice.key;
      const [reader, narrow] = [await open(), await open('?prefix=in%2Fside')];
      for (const query of ['?prefix=out', '?key=out', '?key=in%2Fx&key=out', '?include=value']) {
        const refused = await open(query);
        expect(refused.status, query).to.equal(403);
      }
      key = owner;
      for (const name of ['out', 'in%2Fa', 'in%2Fside']) await call('PUT', `store/${name}`, '1');
      expect((await reader.until('put')).at(-1)?.data.key).to.equal('in/a');
      expect((await narrow.until('put')).at(-1)?.data.key).to.equal('in/side');
      await reader.next();
      await server.call('DELETE', `${project}/api-keys/${slice.id}`, { key: owner });
      expect(await reader.next(500)).to.equal(undefined);
      expect(await narrow.next(500)).to.equal(undefined);

      const short = await made({ expires_in: 1000 });
      key = short.key;
      const expiring = await open();
      await expiring.next();
      clock.shift += 1000 * 1000;
      expect(await expiring.next(2_000)).to.equal(undefined);
    });

    it('is not for the system key', async () => {
      expect((await server.call('GET', `${project}/changes?wait=0`, { key: server.systemKey })).status).to.equal(401);
    });
  });

  describe('as a long poll', () => {
    it('answers as soon as there is a change, from now where no token is given', async () => {
      await call('PUT', 'store/before', '1');
      const waiting = poll('wait=20');
      await new Promise((resolve) => setTimeout(resolve, 50));
      await call('PUT', 'store/a', '1');
      const { changes, since } = await waiting;
      expect(changes).to.have.length(1);
      expect(changes[0]).to.include({ event: 'put', key: 'a', size_bytes: 1 });
      expect((await poll(`since=${since}&wait=0`)).changes).to.deep.equal([]);
    });

    it('answers with nothing after the wait', async () => {
      const began = performance.now();
      const { changes, since } = await poll('wait=0.2&prefix=a');
      expect(changes).to.deep.equal([]);
      expect(performance.now() - began).to.be.within(190, 1_500);
      await call('PUT', 'store/b', '1');
      await call('PUT', 'store/a', '1');
      expect((await poll(`since=${since}&prefix=a`)).changes).to.have.length(1);
    });

    it('gives at most 1,000 changes at a time, and all of them one time after another', async () => {
      let { since } = await poll('wait=0');
      const operations = Array.from({ length: 900 }, (_, i) => ({ put: { key: `k${i}`, text: `${i}` } }));
      for (let i = 0; i < 3; i++) await call('POST', 'transactions', JSON.stringify({ operations }));
      const counts: number[] = [];
      for (;;) {
        const page = await poll(`since=${since}&wait=0&include=value`);
        if (page.changes.length === 0) break;
        counts.push(page.changes.length);
        since = page.since;
      }
      expect(counts).to.deep.equal([1000, 1000, 700]);
    });

    it('says resync where the token is not known', async () => {
      const { changes, since, resync } = await poll('since=some-token');
      expect([changes, resync]).to.deep.equal([[], true]);
      await call('PUT', 'store/a', '1');
      const next = await poll(`since=${since}`);
      expect(next.changes).to.have.length(1);
      expect(next).not.to.have.property('resync');
    });

    it('refuses what it does not understand', async () => {
      for (const query of [
        'wait=-1',
        'wait=61',
        'wait=x',
        'since=',
        'include=all',
        'key=',
        'prefix=a&key=b',
        'limit=1',
      ]) {
        expect((await call('GET', `changes?${query}`)).status, query).to.equal(400);
      }
    });
  });
});
