import { expect } from 'chai';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { send } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

/** What GET, HEAD and the item say of the metadata of `k`, which must be the same. */
async function metaOf(project: TestProject): Promise<unknown> {
  const { headers } = await project.get('k');
  const head = await project.send('HEAD', 'values/k');
  const { data } = (await project.send('GET', 'store/k')).json;
  expect(head.headers['kv-meta']).to.equal(headers['kv-meta']);
  const header = headers['kv-meta'] === undefined ? undefined : JSON.parse(String(headers['kv-meta']));
  expect(data.meta).to.deep.equal(header);
  return header;
}

onEveryEngine('Metadata', (on) => {
  it('is set and removed with a value by each route, and kept if that is asked for', async () => {
    const project = await on.project();
    for (const [path, item] of [
      ['values/k', 'store/k'],
      ['store/k', 'values/k'],
      ['values?key=k', 'store/k'],
    ] as const) {
      const more = path.includes('?') ? '&' : '?';
      await project.send('PUT', path, { body: '1', headers: { 'kv-meta': '{"n": 1}' } });
      expect(await metaOf(project)).to.deep.equal({ n: 1 });
      await project.send('PUT', `${path}${more}keep_meta=true`, { body: '2' });
      expect(await metaOf(project)).to.deep.equal({ n: 1 });
      await project.send('PUT', item, { body: '3', headers: { 'kv-meta': '{"n":2,"m":{}}' } });
      expect(await metaOf(project)).to.deep.equal({ n: 2, m: {} });
      await project.send('PUT', path, { body: '4' });
      expect(await metaOf(project)).to.equal(undefined);
      await project.send('PUT', `${path}${more}keep_meta=true`, { body: '5' });
      expect(await metaOf(project)).to.equal(undefined);
    }
  });

  it('is kept by whatever changes a part of an entry, and goes with the entry', async () => {
    const project = await on.project();
    await project.put('k', '{"a":1}', { 'kv-meta': '{"by":"ada"}' });
    const patched = await project.send('PATCH', 'store/k', { body: '{"a":2}', headers: MERGE });
    expect(patched.json.data.meta).to.deep.equal({ by: 'ada' });
    await project.send('PATCH', 'values/k', { body: '{"a":3}', headers: MERGE });
    await project.send('POST', 'store/k/append', { body: ' ' });
    await project.send('POST', 'store/k/touch', { body: '{"ttl":50}', headers: JSON_TYPE });
    expect(await metaOf(project)).to.deep.equal({ by: 'ada' });
    await project.put('k', '7', { 'kv-meta': '{}' });
    const counted = await project.send('POST', 'store/k/increment');
    expect(counted.json.data).to.deep.include({ value: 8, meta: {} });
    await project.run({ operations: [{ merge: { key: 'k', json: 9 } }] });
    expect(await metaOf(project)).to.deep.equal({});
    await project.send('DELETE', 'values/k');
    await project.send('POST', 'store/k/increment');
    expect(await metaOf(project)).to.equal(undefined);
  });

  it('is JSON in ASCII both ways, or percent-encoded, with every character and digit as it was', async () => {
    const project = await on.project();
    const text = '{"owner":"Zoë 😀 \u007f","n":106242075399214372653,"m":1.0}';
    const escaped = '{"owner":"Zo\\u00eb \\ud83d\\ude00 \\u007f","n":106242075399214372653,"m":1.0}';
    for (const sent of [escaped, encodeURIComponent(text), ` ${escaped.replaceAll(',', ' ,\t')} `]) {
      expect((await project.put('k', '1', { 'kv-meta': sent })).status, sent).to.be.oneOf([201, 204]);
      expect((await project.get('k')).headers['kv-meta']).to.equal(escaped);
      expect((await project.send('GET', 'store/k')).text).to.include(`"meta":${text},`);
    }
    const longest = `{"a":"${'é'.repeat(508)}"}`;
    await project.put('k', '1', { 'kv-meta': encodeURIComponent(longest) });
    const header = String((await project.get('k')).headers['kv-meta']);
    expect(JSON.parse(header)).to.deep.equal(JSON.parse(longest));
    expect((await project.put('k', '2', { 'kv-meta': header })).status).to.equal(204);
    expect((await project.get('k')).headers['kv-meta']).to.equal(header);
  });

  it('is refused, naming the header, if it is wrong or the route would ignore it; nothing is stored', async () => {
    const project = await on.project();
    const wrong = ['', 'x', '{', '[1]', '"{}"', 'null', '{"a":1}, {"b":2}', '{"a":"\xe9"}', '%7B%FF%7D', '%7'];
    for (const header of wrong) {
      const { status, json } = await project.put('k', '1', { 'kv-meta': header });
      expect([status, json.error.code, json.error.header], header).to.deep.equal([400, 'invalid', 'KV-Meta']);
      expect(json.message, header).to.match(/^KV-Meta /);
    }
    const long = await project.put('k', '1', { 'kv-meta': `{"a":"${'x'.repeat(1017)}"}` });
    expect([long.status, long.json.error]).to.deep.equal([
      413,
      { code: 'too_large', header: 'KV-Meta', limit_bytes: 1024, sent_bytes: 1025 },
    ]);
    const both = await project.put('k', '1', { 'kv-meta': '{}' }, '?keep_meta=true');
    expect([both.status, both.json.error.header]).to.deep.equal([400, 'KV-Meta']);
    expect((await project.get('k')).status).to.equal(404);
    await project.put('k', '1', { 'kv-meta': '{"n":1}' });
    const headers = { 'kv-meta': '{"n":2}' };
    for (const [method, path, more] of [
      ['PATCH', 'store/k', MERGE],
      ['PATCH', 'values/k', MERGE],
      ['POST', 'store/k/increment', JSON_TYPE],
      ['POST', 'store/k/append', {}],
      ['POST', 'store/k/touch', JSON_TYPE],
    ] as const) {
      const body = path.endsWith('touch') ? '{"ttl":1}' : '{}';
      const request = { headers: { ...headers, ...more }, ...(path.endsWith('increment') ? {} : { body }) };
      const { status, json } = await project.send(method, path, request);
      expect([status, json.error.header], path).to.deep.equal([400, 'KV-Meta']);
    }
    expect(await metaOf(project)).to.deep.equal({ n: 1 });
  });

  it('is set by a transaction, and shown wherever an entry is', async () => {
    const project = await on.project();
    const { json: start } = await project.send('GET', 'changes?wait=0');
    const put = { key: 'k', text: 'v', meta: { by: 'Zoë', json: [1], meta: {} } };
    await project.run({ operations: [{ put }, { put: { key: 'l', json: 1 } }] });
    const { results } = (await project.run({ operations: [{ get: { key: 'k' } }, { get: { key: 'l' } }] })).json.data;
    const { items } = (await project.send('GET', 'store?limit=9')).json.data;
    const all = (await project.send('GET', 'store')).json.data;
    const latest = await project.send('GET', 'latest?key=k');
    const polled = await project.send('GET', `changes?since=${start.data.since}&include=value`);
    const [change] = polled.json.data.changes;
    for (const item of [results[0], items.k, all.k, latest.json.data, change.item])
      expect(item.meta).to.deep.equal(put.meta);
    for (const item of [results[1], items.l, all.l]) expect(item).not.to.have.property('meta');
    await project.run({ operations: [{ put: { key: 'k', text: 'w', keep_meta: true } }] });
    expect(await metaOf(project)).to.deep.equal(put.meta);
    await project.run({ operations: [{ put: { key: 'k', text: 'w' } }] });
    expect(await metaOf(project)).to.equal(undefined);
  });

  it('is refused in a transaction with its path, if it is wrong', async () => {
    const project = await on.project();
    const path = 'operations[1].put.meta';
    for (const [meta, status] of [
      ['7', 400],
      ['[]', 400],
      ['"{}"', 400],
      ['null', 400],
      [`{"a":"${'x'.repeat(1017)}"}`, 413],
    ] as const) {
      const body = `{"operations":[{"put":{"key":"k","json":1}},{"put":{"key":"l","json":1,"meta":${meta}}}]}`;
      const answer = await project.run(body);
      expect([answer.status, answer.json.error.path], meta).to.deep.equal([status, path]);
      expect(answer.json.message).to.match(/^operations\[1\]\.put\.meta /);
    }
    const both = await project.run({ operations: [{ put: { key: 'k', json: 1, meta: {}, keep_meta: true } }] });
    expect([both.status, both.json.error.path]).to.deep.equal([400, 'operations[0].put']);
    expect((await project.send('GET', 'store?count=only')).json.data.count).to.equal(0);
  });

  it('is shown where values are left out, and of the entry before a write', async () => {
    const project = await on.project();
    await project.put('k', '1', { 'kv-meta': '{"by":"ada"}' });
    const list = await project.send('GET', 'store?items=meta');
    const read = await project.run({ operations: [{ head: { key: 'k' } }] });
    const replaced = await project.send('PUT', 'store/k?return=old', { body: '2' });
    for (const item of [list.json.data.items[0], read.json.data.results[0], replaced.json.data])
      expect(item, JSON.stringify(item)).to.deep.include({ meta: { by: 'ada' } });
  });

  it('goes with its entry to another engine and back, and comes back with a snapshot', async () => {
    const project = await on.project();
    await project.put('k', '1', { 'kv-meta': '{"by":"ada"}' });
    await project.put('l', '1');
    const authorization = `Bearer ${on.server.systemKey}`;
    for (const engine of [on.name === 'lmdb' ? 'json-file' : 'lmdb', on.name]) {
      const moved = await send(on.server.address, 'PUT', `/api/v1/projects/${project.id}`, {
        body: JSON.stringify({ storage: { engine } }),
        headers: { authorization },
      });
      expect(moved.status, moved.text).to.equal(202);
      for (let state = 'copying'; state === 'copying'; ) {
        const { json } = await send(on.server.address, 'GET', String(moved.headers.location), {
          headers: { authorization },
        });
        state = json.data.state;
        expect(state, json.data.error).to.be.oneOf(['copying', 'done']);
      }
      expect(await metaOf(project)).to.deep.equal({ by: 'ada' });
    }
    const { id } = (await project.send('POST', 'snapshots')).json.data;
    await project.put('k', '1');
    await project.put('l', '1', { 'kv-meta': '{}' });
    const restored = await project.send('POST', `snapshots/${id}/restore`, { body: '{}' });
    expect(restored.status, restored.text).to.equal(200);
    expect(await metaOf(project)).to.deep.equal({ by: 'ada' });
    expect((await project.get('l')).headers).not.to.have.property('kv-meta');
  });

  it('is not shown to a key that may write but not read', async () => {
    const project = await on.project();
    await project.put('k', '1', { 'kv-meta': '{"secret":"canary"}' });
    const made = await project.send('POST', 'api-keys', {
      body: '{"name":"writer","scopes":["write"]}',
      headers: JSON_TYPE,
    });
    const authorized = { authorization: `Bearer ${made.json.data.key}` };
    const base = `/api/v1/projects/${project.id}/store/k`;
    const options = { headers: { ...authorized, ...MERGE }, body: '7' };
    for (const answer of [
      await send(on.server.address, 'PATCH', base, options),
      await send(on.server.address, 'POST', `${base}/increment`, { headers: authorized }),
    ]) {
      expect(answer.status, answer.text).to.equal(200);
      expect(JSON.stringify([answer.headers, answer.text])).not.to.include('canary');
    }
    expect(await metaOf(project)).to.deep.equal({ secret: 'canary' });
  });

  it('counts in the quota of a project', async () => {
    const project = await on.project({ limits: { max_total_bytes: 20 } });
    expect((await project.put('k', '12345', { 'kv-meta': '{"a":"34567"}' })).status).to.equal(201);
    const { status, json } = await project.put('k', '12345', { 'kv-meta': `{"a":"345678"}${' '.repeat(50)}` });
    expect([status, json?.error.would_be]).to.deep.equal([204, undefined]);
    const over = await project.put('k', '12345', { 'kv-meta': '{"a":"3456789"}' });
    expect([over.status, over.json.error]).to.deep.equal([
      507,
      { code: 'insufficient_storage', limit: 'max_total_bytes', limit_value: 20, would_be: 21 },
    ]);
  });

  it('comes in events of the change feed that include values', async () => {
    const project = await on.project();
    const url = `${on.server.address}/api/v1/projects/${project.id}/changes?include=value`;
    const reader = await EventStreamReader.open(url, project.key);
    try {
      await reader.next();
      await project.put('k', 'v', { 'kv-meta': '{"by":"ada"}' });
      const event = await reader.next();
      expect(event?.data.item.meta).to.deep.equal({ by: 'ada' });
    } finally {
      reader.close();
    }
  });

  if (on.durable) {
    it('is there after a restart', async () => {
      const project = await on.project();
      await project.put('k', 'v', { 'kv-meta': '{"by":"ada"}' });
      await on.server.restart();
      expect(await metaOf(project)).to.deep.equal({ by: 'ada' });
    });
  }
});
