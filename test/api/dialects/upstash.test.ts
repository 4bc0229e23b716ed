import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const BASE = '/upstash/p';

describe('The dialect upstash', () => {
  let server: TestServer;
  let key: string;

  before(async () => {
    server = await TestServer.start();
    const settings = { storage: { engine: 'memory' }, dialects: ['upstash'] };
    key = await server.project('p', { ...settings, limits: { max_value_bytes: 1000 } });
    await server.project('open', { ...settings, authentication: { enabled: false } });
  });
  after(() => server?.stop());

  async function post(path: string, body: string, headers: Record<string, string> = {}, method = 'POST') {
    const { status, text } = await server.call(method, path, { key, headers, ...(body === '' ? {} : { body }) });
    return { status, json: JSON.parse(text) };
  }
  const run = async (...command: readonly unknown[]) => (await post(BASE, JSON.stringify(command))).json;

  it('runs a command in the body, in a pipeline, in a transaction and in the path', async () => {
    expect(await run('SET', 'a', 'grün')).to.deep.equal({ result: 'OK' });
    expect(await run('GET', 'a')).to.deep.equal({ result: 'grün' });
    expect(await run('GET', 'none')).to.deep.equal({ result: null });
    const pipeline = await post(`${BASE}/pipeline`, '[["INCR","n"],["INCR","a"],["GET","n"]]');
    expect(pipeline.json).to.deep.equal([
      { result: 1 },
      { error: 'ERR value is not an integer or out of range' },
      { result: '1' },
    ]);
    const multi = await post(`${BASE}/multi-exec`, '[["INCR","n"],["LPUSH","n",1]]');
    expect(multi.status).to.equal(400);
    expect(multi.json.error).to.match(/^EXECABORT Transaction discarded because of: ERR unknown command 'LPUSH'/);
    expect(await run('GET', 'n')).to.deep.equal({ result: '1' });
    const path = await post(`${BASE}/set/a%2Fb/x%20y?EX=100`, '', {}, 'GET');
    expect(path.json).to.deep.equal({ result: 'OK' });
    expect((await post(`${BASE}/get/a%2Fb`, '', {}, 'GET')).json).to.deep.equal({ result: 'x y' });
    expect((await run('TTL', 'a/b')).result).to.be.within(50, 100);
    expect((await post(`${BASE}/set/body?px=90000`, 'the value')).json).to.deep.equal({ result: 'OK' });
    expect(await run('GET', 'body')).to.deep.equal({ result: 'the value' });
    expect((await post(`${BASE}/`, '["PING"]')).json).to.deep.equal({ result: 'PONG' });
  });

  it('keeps the digits of numbers, and shows bytes in base64 if asked to', async () => {
    expect(await run('SET', 'number', 1)).to.deep.equal({ result: 'OK' });
    await post(BASE, '["SET","number",12345678901234567890.10e3]');
    expect(await run('GET', 'number')).to.deep.equal({ result: '12345678901234567890.10e3' });
    const bytes = Buffer.from([0, 255, 34, 10]);
    const value = `/api/v1/projects/p/values/bytes`;
    expect((await server.call('PUT', value, { key, body: bytes })).status).to.equal(201);
    const asked = { 'upstash-encoding': 'base64' };
    expect((await post(BASE, '["GET","bytes"]', asked)).json).to.deep.equal({ result: bytes.toString('base64') });
    expect((await post(BASE, '["SET","x","OK"]', asked)).json).to.deep.equal({ result: 'OK' });
    expect((await post(BASE, '["MGET","x","none"]', asked)).json).to.deep.equal({ result: ['T0s=', null] });
  });

  it('counts what the API counts, and writes what the API shows', async () => {
    await run('SET', 'shared', '41');
    const item = '/api/v1/projects/p/store/shared';
    await server.call('POST', `${item}/increment`, { key });
    expect(await run('INCR', 'shared')).to.deep.equal({ result: 43 });
    const { text, headers } = await server.call('GET', `${item}/value`, { key });
    expect([text, headers.get('content-type')]).to.deep.equal(['43', 'application/json']);
    await run('APPEND', 'shared', ' apples');
    const after = await server.call('GET', `${item}/value`, { key });
    expect([after.text, after.headers.get('content-type')]).to.deep.equal(['43 apples', 'text/plain; charset=utf-8']);
    await server.call('PUT', item, { key, body: 'a;b', headers: { 'content-type': 'text/csv' } });
    await run('APPEND', 'shared', ';c');
    expect((await server.call('GET', `${item}/value`, { key })).headers.get('content-type')).to.equal('text/csv');
  });

  it('shows each error in one line', async () => {
    const cases: readonly [status: number, path: string, body: string, error: RegExp][] = [
      [400, BASE, '', /^ERR Request body must be valid JSON/],
      [400, BASE, '["GET"', /^ERR Request body must be valid JSON.*: .*line 1/],
      [400, BASE, '{"GET":"a"}', /^ERR body: must be an array that begins with a name$/],
      [400, BASE, '[]', /^ERR body: must be an array that begins with a name$/],
      [400, BASE, '["GET",null]', /^ERR body: argument 1 must be a string, a number or a boolean$/],
      [400, BASE, '["GET","\\ud800"]', /^ERR body: argument 1 holds a lone surrogate$/],
      [400, BASE, `["MGET"${',1'.repeat(100_000)}]`, /^ERR body: has more than 100000 arguments$/],
      [
        400,
        BASE,
        `["MGET"${',"a1"'.repeat(3)}${Array.from({ length: 1001 }, (_, i) => `,${i}`).join('')}]`,
        /1000 keys/,
      ],
      [400, BASE, '["GET"]', /^ERR wrong number of arguments for 'get' command$/],
      [400, BASE, '["GET",""]', /^ERR a key must not be empty$/],
      [400, BASE, `["GET","${'k'.repeat(513)}"]`, /^ERR a key has at most 512 bytes/],
      [400, BASE, '["LPUSH","a","b","c"]', /^ERR unknown command 'LPUSH', with args beginning with: 'a' 'b' 'c' $/],
      [400, BASE, '["SETRANGE","a",100000000,"x"]', /^ERR string exceeds maximum allowed size \(1000 bytes\)$/],
      [400, BASE, `["SET","a","${'v'.repeat(1001)}"]`, /^ERR string exceeds maximum allowed size/],
      [400, BASE, '["SCAN","7"]', /^ERR invalid cursor$/],
      [400, `${BASE}/pipeline`, '["GET","a"]', /^ERR command 0: must be an array that begins with a name$/],
      [400, `${BASE}/multi-exec`, '[["DBSIZE"]]', /^EXECABORT .*'dbsize' reads or changes all keys/],
      [400, `${BASE}/get/a?_token=secret`, '', /^ERR A key in a URL ends up in logs/],
      [400, `${BASE}/get/a?COLOUR=red`, '', /^ERR unknown query parameter "COLOUR"/],
    ];
    for (const [status, path, body, error] of cases) {
      const found = await post(path, body);
      expect(found.status, `${path} ${body.slice(0, 60)} ${JSON.stringify(found.json)}`).to.equal(status);
      expect(found.json.error).to.match(error);
    }
    const wrongKey = await server.call('POST', BASE, { key: 'wrong', body: '["GET","a"]' });
    expect([wrongKey.status, wrongKey.text]).to.deep.equal([401, '{"error":"WRONGPASS Invalid or missing API key"}\n']);
    const byGet = await server.call('GET', `${BASE}/pipeline`, { key });
    expect(byGet.status).to.equal(405);
  });

  it('changes nothing by GET if no key is asked for', async () => {
    const set = await server.call('GET', '/upstash/open/set/a/1');
    expect([set.status, set.headers.get('allow')]).to.deep.equal([405, 'POST']);
    expect((await server.call('POST', '/upstash/open/set/a/1')).text).to.equal('{"result":"OK"}');
    expect((await server.call('GET', '/upstash/open/get/a')).text).to.equal('{"result":"1"}');
  });

  it('refuses blind writes in a project that wants conditions', async () => {
    await server.call('PUT', 'p', { key, body: '{"limits":{"require_conditional":true}}' });
    const { status, json } = await post(BASE, '["SET","careful","1"]');
    expect([status, json.error]).to.deep.equal([
      428,
      'ERR This project takes only writes with a condition, such as SET with NX or XX',
    ]);
    expect(await run('SET', 'careful', 1, 'NX')).to.deep.equal({ result: 'OK' });
    await server.call('PUT', 'p', { key, body: '{"limits":{"require_conditional":null}}' });
  });

  it('undoes what a command of a transaction did before it failed, and keeps the others', async () => {
    await run('SET', 'kept', 'before');
    const half = `["MSET","kept","new","large","${'v'.repeat(1001)}"]`;
    const { status, json } = await post(`${BASE}/multi-exec`, `[["INCR","done"],${half},["GET","kept"]]`);
    expect([status, json[0], json[2]]).to.deep.equal([200, { result: 1 }, { result: 'before' }]);
    expect(json[1].error).to.match(/^ERR string exceeds/);
    expect(await run('MGET', 'kept', 'large', 'done')).to.deep.equal({ result: ['before', null, '1'] });
  });

  it('scans every key that stays, whatever is deleted meanwhile', async () => {
    await run('FLUSHDB');
    const names = Array.from({ length: 300 }, (_, i) => `scan:${i}`);
    await run('MSET', ...names.flatMap((name) => [name, 1]));
    const seen: string[] = [];
    let cursor = '0';
    let repeated = false;
    do {
      const page = (await run('SCAN', cursor, 'MATCH', 'scan:*', 'COUNT', 7)).result as [string, string[]];
      if (!repeated && cursor !== '0') expect((await run('SCAN', cursor, 'COUNT', 7)).result[1]).to.deep.equal(page[1]);
      repeated = true;
      [cursor] = page;
      seen.push(...page[1]);
      await run('DEL', ...page[1]);
    } while (cursor !== '0');
    expect(seen.sort()).to.deep.equal(names.sort());
    expect(await run('DBSIZE')).to.deep.equal({ result: 0 });
    expect(await run('RANDOMKEY')).to.deep.equal({ result: null });
  });

  it('runs transactions one at a time, on whatever keys', async () => {
    await run('MSET', 'x', 0, 'y', 0);
    const transfer = '[["INCR","x"],["DECR","y"],["MGET","x","y"]]';
    const all = await Promise.all(Array.from({ length: 50 }, () => post(`${BASE}/multi-exec`, transfer)));
    for (const { json } of all) expect(Number(json[2].result[0]) + Number(json[2].result[1])).to.equal(0);
    expect(await run('MGET', 'x', 'y')).to.deep.equal({ result: ['50', '-50'] });
  });
});
