import { expect } from 'chai';
import { type HttpResponse, type RequestOptions, send } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';
import { TestServer } from '../../harness/test-server.js';

const NAMESPACES = '/client/v4/accounts/any/storage/kv/namespaces';
const DONE = { result: null, success: true, errors: [], messages: [] };

function formOf(parts: Readonly<Record<string, string>>): { body: string; headers: Record<string, string> } {
  const shown = Object.entries(parts).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return { body: `${shown.join('')}--b--\r\n`, headers: { 'content-type': 'multipart/form-data; boundary=b' } };
}

onEveryEngine('The dialect of Cloudflare', (on) => {
  let project: TestProject;
  before(async () => {
    project = await on.project({ dialects: ['cloudflare'], limits: { max_value_bytes: 1000 } });
  });

  /** `path` is relative to the namespace. */
  function ask(method: string, path: string, { headers, ...rest }: RequestOptions = {}): Promise<HttpResponse> {
    const authorized = { authorization: `Bearer ${project.key}`, ...headers };
    return send(project.server.address, method, `${NAMESPACES}/${project.id}/${path}`, {
      ...rest,
      headers: authorized,
    });
  }

  const inSeconds = (seconds: number) => Math.floor(on.clock.now() / 1000) + seconds;

  it('writes, reads and deletes the bytes of a value, under keys with slashes and others', async () => {
    const body = Buffer.from([0, 255, 10]);
    for (const [path, key] of [
      ['plain', 'plain'],
      ['a%2Fb%3Ac', 'a/b:c'],
      ['a/b', 'a/b'],
      ['%C3%A9%20%25%3F', 'é %?'],
    ] as const) {
      const { status, json } = await ask('PUT', `values/${path}`, { body });
      expect([status, json], path).to.deep.equal([200, DONE]);
      const { bytes, headers } = await ask('GET', `values/${path}`);
      expect([bytes, headers['content-type']]).to.deep.equal([body, 'application/octet-stream']);
      expect((await project.get(key)).bytes).to.deep.equal(body);
      expect((await ask('DELETE', `values/${path}`)).json).to.deep.equal(DONE);
      expect((await ask('DELETE', `values/${path}`)).json, 'a key that is missing').to.deep.equal(DONE);
      const missing = await ask('GET', `values/${path}`);
      expect([missing.status, missing.json.errors]).to.deep.equal([
        404,
        [{ code: 10009, message: "get: 'key not found'" }],
      ]);
    }
  });

  it('stores a value with the type that its bytes suggest, whatever the client names', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream']) {
      await ask('PUT', 'values/json', { body: '{"a":1}', headers: { 'content-type': type } });
      expect((await project.get('json')).headers['content-type']).to.equal('application/json');
    }
    await ask('PUT', 'values/empty', { body: '' });
    expect((await ask('GET', 'values/empty')).text).to.equal('');
  });

  it('takes metadata in a form, and returns it with the key and alone', async () => {
    const value = '\r\n--a\r\n\0é';
    await ask('PUT', 'values/with', formOf({ value, metadata: '{ "owner": "ada" }' }));
    expect((await ask('GET', 'values/with')).text).to.equal(value);
    expect((await ask('GET', 'metadata/with')).json.result).to.deep.equal({ owner: 'ada' });
    expect((await project.get('with')).headers['kv-meta']).to.equal('{"owner":"ada"}');
    await ask('PUT', 'values/with', formOf({ value: 'x', metadata: 'null' }));
    expect((await ask('GET', 'metadata/with')).json).to.deep.equal(DONE);
    expect((await ask('GET', 'metadata/missing')).json.errors[0].code).to.equal(10009);
    expect((await ask('PUT', 'values/with', formOf({ value: 'v'.repeat(1000) }))).status).to.equal(200);
  });

  it('lets keys expire at a time or after one', async () => {
    const at = inSeconds(100);
    await ask('PUT', `values/at?expiration=${at}`, { body: 'x' });
    await ask('PUT', `values/after?expiration_ttl=60&expiration=${at}`, { body: 'x' });
    expect((await ask('GET', 'values/at')).headers.expiration).to.equal(String(at));
    on.clock.shift += 61_000;
    expect((await ask('GET', 'values/after')).status).to.equal(404);
    expect((await ask('GET', 'values/at')).status).to.equal(200);
    on.clock.shift += 61_000;
    expect((await ask('GET', 'values/at')).status).to.equal(404);
  });

  it('lists keys with what belongs to them, by prefix and page by page', async () => {
    const at = inSeconds(1000);
    const pairs = [
      { key: 'list/1', value: 'one' },
      { key: 'list/2', value: 'two', expiration: at, metadata: { n: 2.0 } },
      { key: 'list/3', value: 'AAEC', base64: true },
    ];
    const { json } = await ask('PUT', 'bulk', { body: JSON.stringify(pairs) });
    expect(json.result).to.deep.equal({ successful_key_count: 3, unsuccessful_keys: [] });
    expect((await ask('GET', 'values/list%2F3')).bytes).to.deep.equal(Buffer.from([0, 1, 2]));
    const whole = (await ask('GET', 'keys?prefix=list/&cursor=')).json;
    const keys = [{ name: 'list/1' }, { name: 'list/2', expiration: at, metadata: { n: 2 } }, { name: 'list/3' }];
    expect(whole).to.deep.equal({ ...DONE, result: keys, result_info: { count: 3, cursor: '' } });
    const first = (await ask('GET', 'keys?prefix=list/&limit=2')).json;
    expect(first.result).to.deep.equal(keys.slice(0, 2));
    const rest = (await ask('GET', `keys?prefix=list/&limit=2&cursor=${first.result_info.cursor}`)).json;
    expect([rest.result, rest.result_info]).to.deep.equal([keys.slice(2), { count: 1, cursor: '' }]);
  });

  it('reads many values as texts or JSON, with metadata, and null for those that are missing', async () => {
    const metadata = { a: 1 };
    await ask('PUT', 'bulk', {
      body: JSON.stringify([
        { key: 'm1', value: '{"big":12345678901234567890}', metadata },
        { key: 'm2', value: 'first' },
        { key: 'm2', value: '2', expiration_ttl: 60 },
      ]),
    });
    const get = (body: object) => ask('POST', 'bulk/get', { body: JSON.stringify(body) });
    const keys = ['m1', 'm2', 'none', 'm2'];
    expect((await get({ keys })).json.result).to.deep.equal({
      values: { m1: '{"big":12345678901234567890}', m2: '2', none: null },
    });
    expect((await get({ keys, type: 'json' })).text).to.contain(
      '"values":{"m1":{"big":12345678901234567890},"m2":2,"none":null}',
    );
    const { values } = (await get({ keys, type: 'text', withMetadata: true })).json.result;
    expect(values.m1).to.deep.equal({ value: '{"big":12345678901234567890}', metadata });
    expect(values.m2.expiration).to.be.within(inSeconds(50), inSeconds(62));
    expect(values.none).to.equal(null);
  });

  it('writes and deletes more keys than a transaction has, and as many as Cloudflare takes', async () => {
    const keys = Array.from({ length: on.name === 'memory' ? 10_000 : 1001 }, (_, i) => `k${i}`);
    const pairs = keys.map((key) => ({ key, value: key, metadata: { key } }));
    const { json } = await ask('PUT', 'bulk', { body: JSON.stringify(pairs) });
    expect(json.result.successful_key_count).to.equal(keys.length);
    expect((await ask('GET', `values/${keys.at(-1)}`)).text).to.equal(keys.at(-1));
    for (const [method, path] of [
      ['DELETE', 'bulk'],
      ['POST', 'bulk/delete'],
    ] as const) {
      const deleted = await ask(method, path, { body: JSON.stringify([...keys.slice(0, 1001), 'missing', 'k1']) });
      expect(deleted.json.result).to.deep.equal({ successful_key_count: 1003, unsuccessful_keys: [] });
      expect((await ask('GET', 'values/k1000')).status).to.equal(404);
    }
  });

  it('refuses what it does not understand, in the envelope of Cloudflare, and changes nothing', async () => {
    await ask('PUT', 'bulk', { body: '[{"key":"bytes","value":"/w==","base64":true},{"key":"text","value":"x"}]' });
    const before = (await ask('GET', 'keys')).text;
    const bulk = (...pairs: object[]) => JSON.stringify(pairs);
    const good = { key: 'good', value: 'x' };
    const many = JSON.stringify(Array.from({ length: 10_001 }, () => ''));
    const json = { 'content-type': 'application/json' };
    const broken = (body: string, boundary = 'b') => ({
      body,
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
    const LATE = inSeconds(59);
    const cases: [method: string, path: string, sent: RequestOptions | string, status: number, message: RegExp][] = [
      ['PUT', 'values/a?expiration_ttl=59', 'x', 400, /^Invalid expiration_ttl of 59. Expiration TTL must be at least/],
      ['PUT', 'values/a?expiration_ttl=1.5', 'x', 400, /^Invalid expiration_ttl of 1.5. Please specify integer/],
      ['PUT', 'values/a?expiration_ttl=-60', 'x', 400, /^Invalid expiration_ttl of -60./],
      ['PUT', 'values/a?expiration_ttl=', 'x', 400, /^Invalid expiration_ttl of ./],
      ['PUT', `values/a?expiration=${LATE}`, 'x', 400, /Expiration times must be at least 60 seconds in the future.$/],
      ['PUT', 'values/a?expiration=1800000000000', 'x', 400, /did you send milliseconds\?$/],
      ['PUT', 'values/a?ttl=60', 'x', 400, /^unknown query parameter "ttl"/],
      ['PUT', 'values/a', 'x'.repeat(1001), 413, /1000 bytes/],
      ['PUT', 'values/a', 'x'.repeat(70_000), 413, /bytes/],
      ['PUT', 'values/', 'x', 400, /^a key must not be empty$/],
      ['PUT', `values/${'k'.repeat(513)}`, 'x', 400, /512 bytes/],
      ['PUT', 'values/a', formOf({ metadata: '{}' }), 400, /^The form has no part "value"$/],
      ['PUT', 'values/a', formOf({ value: 'x', metadata: '{' }), 400, /^metadata must be a JSON object/],
      ['PUT', 'values/a', formOf({ value: 'x', metadata: '[1]' }), 400, /^metadata must be a JSON object/],
      ['PUT', 'values/a', formOf({ value: 'x', metadata: `{"a":"${'b'.repeat(1024)}"}` }), 413, /^metadata may have/],
      ['PUT', 'values/a', formOf({ value: 'x', 'metadata[a]': '1' }), 400, /"metadata\[a\]"; send .* as JSON text/],
      ['PUT', 'values/a', broken('--b\r\n\r\nx\r\n--b--'), 400, /a part has no name$/],
      ['PUT', 'values/a', broken('--b\r\nContent-Disposition: form-data; name="value"\r\n\r\nx'), 400, /too early$/],
      ['PUT', 'values/a', broken('x'), 400, /too early$/],
      ['PUT', 'values/a', broken('--c--', ''), 400, /no boundary$/],
      ['PUT', 'bulk', '{', 400, /^Request body must be valid JSON/],
      ['PUT', 'bulk', '{}', 400, /must be array/],
      ['PUT', 'bulk', bulk({ key: 'a' }), 400, /^\[0\]\.value: is missing$/],
      ['PUT', 'bulk', bulk(good, { ...good, ttl: 1 }), 400, /^\[1\]\.ttl: unknown member/],
      ['PUT', 'bulk', bulk({ ...good, value: 1 }), 400, /^\[0\]\.value: must be string, not 1$/],
      ['PUT', 'bulk', bulk(good, { ...good, key: '' }), 400, /^\[1\]\.key: a key must not be empty$/],
      ['PUT', 'bulk', bulk(good, { ...good, value: '%', base64: true }), 400, /^\[1\]\.value: is no base64$/],
      ['PUT', 'bulk', bulk(good, { ...good, value: 'x'.repeat(1001) }), 413, /1000/],
      ['PUT', 'bulk', bulk(good, { ...good, metadata: 'text' }), 400, /^\[1\]\.metadata must be a JSON object/],
      ['PUT', 'bulk', bulk(good, { ...good, expiration_ttl: 1 }), 400, /^Invalid \[1\]\.expiration_ttl of 1\./],
      ['PUT', 'bulk', '[{"key":"a","value":"\\ud800"}]', 400, /^\[0\]\.value: holds a lone surrogate$/],
      ['DELETE', 'bulk', '[1]', 400, /^\[0\]: must be string, not 1$/],
      ['DELETE', 'bulk', many, 400, /10000 items/],
      ['POST', 'bulk/delete', '["text",""]', 400, /^\[1\]\.key: a key must not be empty$/],
      ['POST', 'bulk/get', '{}', 400, /^keys: is missing$/],
      ['POST', 'bulk/get', JSON.stringify({ keys: Array(101).fill('a') }), 400, /^keys: .*100 items/],
      ['POST', 'bulk/get', '{"keys":["text","bytes"]}', 422, /^The value of key 'bytes' is no UTF-8 text/],
      ['POST', 'bulk/get', '{"keys":["text"],"type":"json"}', 422, /^The value of key 'text' is not JSON$/],
      ['GET', 'keys?limit=1001', '', 400, /"limit" must be an integer from 1 to 1000/],
      ['GET', 'keys?cursor=abc', '', 400, /"cursor" was not returned by this list/],
      ['POST', 'keys', 'x', 405, /^POST is not possible here; possible: GET, HEAD, OPTIONS$/],
      ['GET', 'values/a', { headers: { authorization: 'Bearer x' } }, 401, /^Invalid or missing API key$/],
    ];
    for (const [method, path, sent, status, message] of cases) {
      const options = typeof sent === 'string' ? { body: sent, headers: json } : sent;
      const { status: is, json: shown, text } = await ask(method, path, options);
      const what = `${method} ${path} ${JSON.stringify(sent).slice(0, 80)}: ${text}`;
      expect([is, shown.success, shown.result, shown.messages], what).to.deep.equal([status, false, null, []]);
      expect(shown.errors, what).to.have.length(1);
      expect(shown.errors[0].message, what).to.match(message).and.not.contain('\n');
      expect(shown.errors[0].code, what).to.equal(status === 401 ? 10000 : status);
    }
    expect((await ask('GET', 'keys')).text).to.equal(before);
  });
});

describe('Namespaces in the dialect of Cloudflare', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    for (const id of ['b', 'a', 'c']) {
      await server.project(id, { storage: { engine: 'memory' }, dialects: ['cloudflare'] });
    }
  });
  after(() => server.stop());

  const ask = (method: string, path = '', key = server.systemKey, body?: object) =>
    server.call(method, NAMESPACES + path, { key, ...(body && { body: JSON.stringify(body) }) });
  const namespace = (id: string) => ({ id, title: id, supports_url_encoding: true });

  it('are the projects that name it, in pages and in order', async () => {
    const { json } = await ask('GET');
    const info = { page: 1, per_page: 20, count: 3, total_count: 3 };
    expect(json).to.deep.equal({ ...DONE, result: ['a', 'b', 'c'].map(namespace), result_info: info });
    const second = (await ask('GET', '?page=2&per_page=2&order=title&direction=desc')).json;
    expect([second.result, second.result_info]).to.deep.equal([
      [namespace('a')],
      { page: 2, per_page: 2, count: 1, total_count: 3 },
    ]);
    expect((await ask('GET', '/a')).json.result).to.deep.equal(namespace('a'));
    const other = await ask('GET', '/first_project');
    expect([other.status, other.json.errors[0].code]).to.deep.equal([404, 10013]);
    const unknown = await ask('GET', '/unknown');
    expect(unknown.json.errors).to.deep.equal([{ code: 10013, message: "Project with id 'unknown' not found" }]);
  });

  it('are for a key of a project that one alone, if it names the dialect', async () => {
    const key = await server.project('own', { storage: { engine: 'memory' }, dialects: ['cloudflare'] });
    expect((await ask('GET', '', key)).json.result).to.deep.equal([namespace('own')]);
    expect((await ask('GET', '', server.projectKey)).json.result).to.deep.equal([]);
    expect((await ask('DELETE', '/own')).json).to.deep.equal(DONE);
  });

  it('are created as projects that name it, with a key that is shown once', async () => {
    const { status, json, headers } = await ask('POST', '', server.systemKey, { title: 'made' });
    const { new_api_key: key, ...shown } = json.result;
    expect([status, shown, headers.get('cache-control')]).to.deep.equal([200, namespace('made'), 'no-store']);
    expect((await server.call('GET', 'made', { key })).json.data.dialects).to.deep.equal(['cloudflare']);
    const again = await ask('POST', '', server.systemKey, { title: 'made' });
    expect([again.status, again.json.errors[0].code]).to.deep.equal([400, 10014]);
    for (const [body, message] of [
      [{ title: 'not an id' }, /1 to 64 of the characters/],
      [{}, /^title: is missing$/],
      [{ title: 'x', jurisdiction: 'eu' }, /^jurisdiction: unknown member/],
    ] as const) {
      const { status, json } = await ask('POST', '', server.systemKey, body);
      expect(status).to.equal(400);
      expect(json.errors[0].message).to.match(message);
    }
  });

  it('keep their title, and are deleted with all that they have', async () => {
    expect((await ask('PUT', '/made', server.systemKey, { title: 'made' })).json.result).to.deep.equal(
      namespace('made'),
    );
    const renamed = await ask('PUT', '/made', server.systemKey, { title: 'other' });
    expect([renamed.status, renamed.json.errors[0].message]).to.deep.equal([
      400,
      "title: that of a namespace is the id of its project, 'made', which never changes",
    ]);
    expect((await ask('DELETE', '/first_project')).status, 'does not name it').to.equal(404);
    expect((await server.call('GET', 'first_project', { key: server.projectKey })).status).to.equal(200);
    expect((await ask('DELETE', '/made')).json).to.deep.equal(DONE);
    expect((await server.call('GET', 'made', { key: server.systemKey })).status).to.equal(404);
  });

  it('are not listed if projects are hidden', async () => {
    await server.configure({ security: { project_discoverable: false } });
    const { status, json } = await ask('GET');
    expect([status, json.errors]).to.deep.equal([403, [{ code: 403, message: 'Project listing is disabled' }]]);
  });
});
