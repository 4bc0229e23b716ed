import { expect } from 'chai';
import type { EventStreamReader } from '../../harness/event-stream-reader.js';
import { ChangeFeed } from './change-feed.js';

describe('GET /changes as a stream', () => {
  const feed = ChangeFeed.forTests();

  it('begins with ready and reports every kind of write, with the versions that the writes got', async () => {
    const reader = await feed.open();
    expect(reader.headers).to.include({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const versions: string[] = [];
    const put = await feed.call('PUT', 'values/a', '1', { 'content-type': 'application/json' });
    versions.push(put.headers.get('etag') ?? '');
    await feed.call('PATCH', 'values/a', '2', { 'content-type': 'application/merge-patch+json' });
    await feed.call('POST', 'store/a/increment', '{"by":1}');
    await feed.call('POST', 'store/a/append', '0');
    await feed.call('POST', 'store/a/touch', '{"ttl":100}');
    await feed.call('POST', 'store', 'b=1&c=2', { 'content-type': 'application/x-www-form-urlencoded' });
    await feed.call('POST', 'transactions', '{"operations":[{"delete":{"key":"b"}},{"put":{"key":"d","text":"x"}}]}');
    await feed.call('PUT', 'store/e?ttl=0.05', 'short');
    await reader.until('expire').then((events) => {
      const summary = events.map(({ event, data }) => `${event} ${data.key ?? ''}`.trim());
      expect(summary).to.deep.equal([
        'ready',
        ...['put a', 'put a', 'put a', 'put a', 'put a', 'put b', 'put c', 'put d', 'delete b', 'put e', 'expire e'],
      ]);
      expect(`"${events[1]?.data.version}"`).to.equal(versions[0]);
      expect(events[1]?.data).to.have.all.keys('key', 'version', 'size_bytes');
      expect(events[4]?.data.size_bytes).to.equal(2);
      const numbers = events.slice(1).map(({ data }) => Number.parseInt(data.version, 36));
      expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
    });
    await feed.call('DELETE', 'store?prefix=c');
    await feed.call('DELETE', 'store');
    const rest = [await reader.next(), await reader.next(), await reader.next()];
    expect(rest.map((one) => `${one?.event} ${one?.data.key}`)).to.deep.equal(['delete c', 'delete a', 'delete d']);
  });

  it('contains the item with include=value, whatever its bytes', async () => {
    const reader = await feed.open('?include=value');
    const values = ['{"a":\r\n1,\n\r"b":[]}', 'line\nline\r\n\r', Buffer.from([0, 255, 10]), ''];
    for (const value of values)
      await feed.server.call('PUT', `${feed.project}/values/k`, { key: feed.key, body: value });
    await reader.next();
    const items = [];
    for (const _ of values) items.push((await reader.next())?.data.item);
    expect(items.map(({ encoding, value }) => [encoding, value])).to.deep.equal([
      ['text', '{"a":\r\n1,\n\r"b":[]}'],
      ['text', 'line\nline\r\n\r'],
      ['base64', 'AP8K'],
      ['text', ''],
    ]);
  });

  it('reports only keys with the prefix, or those named', async () => {
    const [byPrefix, byKey] = [await feed.open('?prefix=a%2F'), await feed.open('?key=a%2F2&key=b')];
    for (const name of ['a%2F1', 'b', 'a%2F2', 'c']) await feed.call('PUT', `store/${name}`, '1');
    const keysOf = async (reader: EventStreamReader) => {
      await reader.next();
      return [(await reader.next())?.data.key, (await reader.next())?.data.key];
    };
    expect(await keysOf(byPrefix)).to.deep.equal(['a/1', 'a/2']);
    expect(await keysOf(byKey)).to.deep.equal(['b', 'a/2']);
    expect((await feed.call('GET', 'changes?prefix=a&key=b')).status).to.equal(400);
  });

  it('goes on after the id of any event, in Last-Event-ID or, without that, in since', async () => {
    const reader = await feed.open();
    for (const name of ['a', 'b', 'c']) await feed.call('PUT', `store/${name}`, name);
    const [ready, a, b] = [await reader.next(), await reader.next(), await reader.next()];
    reader.close();
    await feed.call('PUT', 'store/b', 'again');
    const again = await feed.open(`?include=value&since=${ready?.id}`, a?.id);
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

  it('sends resync for an unknown token, then goes on', async () => {
    const reader = await feed.open('', 'some-token');
    // Without an id: a client that disconnects before the next event needs resync again.
    expect(await reader.next()).to.deep.equal({ event: 'ready', id: '', text: '{}', data: {} });
    const resync = await reader.next();
    expect(resync?.event).to.equal('resync');
    await feed.call('PUT', 'store/a', '1');
    const put = await reader.next();
    expect(put?.data.key).to.equal('a');
    const again = await feed.open('', resync?.id);
    await again.next();
    expect(await again.next()).to.deep.equal(put);
  });

  it('accepts tokens from before a change of engine', async () => {
    const reader = await feed.open();
    const ready = await reader.next();
    await feed.call('PUT', 'store/a', '1');
    const body = JSON.stringify({ storage: { engine: 'lmdb' } });
    const { headers } = await feed.server.call('PUT', feed.project, { key: feed.server.systemKey, body });
    const migration = headers.get('location') ?? '';
    while ((await feed.server.call('GET', migration, { key: feed.server.systemKey })).json.data.state !== 'done');
    await feed.call('PUT', 'store/b', '2');
    expect([(await reader.next())?.data.key, (await reader.next())?.data.key]).to.deep.equal(['a', 'b']);
    const again = await feed.open('', ready?.id);
    expect((await again.until('put')).map(({ event }) => event)).to.deep.equal(['ready', 'put']);
  });

  it('buffers nothing for a slow reader, which can catch up', async () => {
    const reader = await feed.open('?include=value');
    await reader.next();
    reader.pause();
    const value = 'x'.repeat(100_000);
    for (let i = 0; i < 150; i++) await feed.call('PUT', `store/k${i % 10}`, `${i} ${value}`);
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

  it('sends resync to a reader so slow that changes which it missed are forgotten', async function () {
    this.timeout(60_000);
    const reader = await feed.open('?include=value');
    await reader.next();
    reader.pause();
    const value = 'x'.repeat(1_000_000);
    for (let i = 0; i < 12; i++) await feed.call('PUT', `store/large${i}`, value);
    const operations = Array.from({ length: 1000 }, (_, i) => ({ put: { key: `k${i}`, text: '' } }));
    const body = JSON.stringify({ operations });
    for (let i = 0; i < 21; i++) await feed.call('POST', 'transactions', body);
    reader.resume();
    const events = await reader.until('resync');
    expect(events.length).to.be.below(15);
    await feed.call('PUT', 'store/last', '1');
    let next = await reader.next();
    while (next?.data.key !== 'last') next = await reader.next();
  });

  it('reports each removal when a small store is cleared, and resync when the content is replaced', async () => {
    for (const name of ['a', 'b']) await feed.call('PUT', `store/${name}`, '1');
    const exported = (await feed.call('GET', 'export')).text;
    const [reader, token] = [await feed.open('?include=value'), (await feed.poll('wait=0')).since];
    await feed.call('DELETE', 'store');
    expect((await reader.until('delete')).at(-1)?.data.key).to.equal('a');
    expect((await reader.next())?.data.key).to.equal('b');
    const imported = await feed.call('POST', 'import?mode=replace', exported);
    expect(imported.status, imported.text).to.equal(200);
    const resync = await reader.next();
    expect(resync?.event).to.equal('resync');
    expect((await feed.poll(`since=${token}&wait=0`)).resync).to.equal(true);
    await feed.call('PUT', 'store/c', '1');
    const put = await reader.next();
    expect(put?.data.key).to.equal('c');
    expect((await feed.poll(`since=${resync?.id}`)).changes).to.have.length(1);
  });

  it('ends when the project is deleted, when its key is replaced, and when the server stops', async () => {
    const deleted = await feed.open();
    await deleted.next();
    await feed.server.call('DELETE', feed.project, { key: feed.server.systemKey });
    expect(await deleted.next()).to.equal(undefined);

    await feed.use('rekeyed', 'json-file');
    const replaced = await feed.open();
    await replaced.next();
    await feed.server.call('POST', `${feed.project}/config/regenerate-api-key`, {
      key: feed.server.systemKey,
      body: '{}',
    });
    expect(await replaced.next()).to.equal(undefined);

    await feed.use('stopped', 'lmdb');
    const stopped = await feed.open();
    const waiting = feed.call('GET', 'changes?wait=60');
    const token = (await stopped.next())?.id;
    await feed.call('PUT', 'store/a', '1');
    await stopped.next();
    await feed.server.restart();
    expect(await stopped.next()).to.equal(undefined);
    expect((await waiting).status).to.equal(200);
    const again = await feed.open('', token);
    expect((await again.until('resync')).map(({ event }) => event)).to.deep.equal(['ready', 'resync']);
  });

  it('ends when keys become secret, unless they were named', async () => {
    const [all, named] = [await feed.open(), await feed.open('?key=a')];
    const body = JSON.stringify({ security: { keys_and_values_discoverable: false } });
    await feed.server.call('PUT', feed.project, { key: feed.server.systemKey, body });
    await all.next();
    expect(await all.next()).to.equal(undefined);
    await feed.call('PUT', 'store/a', '1');
    expect((await named.until('put')).at(-1)?.data.key).to.equal('a');
    expect((await feed.open()).status).to.equal(403);
    expect((await feed.open('?prefix=a')).status).to.equal(403);
    expect((await feed.call('GET', 'changes?wait=0')).status).to.equal(403);
  });

  it('has the same headers for HEAD', async () => {
    const { status, headers, text } = await feed.call('HEAD', 'changes', undefined, { accept: 'text/event-stream' });
    expect([status, headers.get('content-type'), text]).to.deep.equal([200, 'text/event-stream', '']);
  });

  it('reports only what a key with a prefix may see, and ends as soon as that key is deleted or expires', async () => {
    const owner = feed.key;
    const made = async (members: object) => {
      const body = JSON.stringify({ name: 'slice', scopes: ['watch'], prefix: 'in/', ...members });
      return (await feed.server.call('POST', `${feed.project}/api-keys`, { key: owner, body })).json.data;
    };
    const slice = await made({});
    feed.key = slice.key;
    const [reader, narrow] = [await feed.open(), await feed.open('?prefix=in%2Fside')];
    for (const query of ['?prefix=out', '?key=out', '?key=in%2Fx&key=out', '?include=value']) {
      const refused = await feed.open(query);
      expect(refused.status, query).to.equal(403);
    }
    feed.key = owner;
    for (const name of ['out', 'in%2Fa', 'in%2Fside']) await feed.call('PUT', `store/${name}`, '1');
    expect((await reader.until('put')).at(-1)?.data.key).to.equal('in/a');
    expect((await narrow.until('put')).at(-1)?.data.key).to.equal('in/side');
    await reader.next();
    await feed.server.call('DELETE', `${feed.project}/api-keys/${slice.id}`, { key: owner });
    await feed.call('PUT', 'store/in%2Fside', '2');
    expect(await reader.next(), 'nothing after the key is deleted').to.equal(undefined);
    expect(await narrow.next()).to.equal(undefined);

    const short = await made({ expires_in: 1000 });
    feed.key = short.key;
    const expiring = await feed.open();
    await expiring.next();
    feed.clock.shift += 1000 * 1000;
    expect(await expiring.next()).to.equal(undefined);
  });

  it('is refused to the system key', async () => {
    expect(
      (await feed.server.call('GET', `${feed.project}/changes?wait=0`, { key: feed.server.systemKey })).status,
    ).to.equal(403);
  });
});
