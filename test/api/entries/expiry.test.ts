import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

onEveryEngine('An expiry', (on) => {
  afterEach(() => {
    on.clock.shift = 0;
    on.clock.at = undefined;
  });

  it('is set, kept, moved and removed', async () => {
    const project = await on.project();
    const at = async () => {
      const { headers } = await project.get('k');
      const { data } = (await project.send('GET', 'store/k')).json;
      expect(data.expires_at).to.equal(headers['kv-expires'] === undefined ? undefined : Number(headers['kv-expires']));
      return data.expires_at;
    };
    on.clock.at = 1_800_000_000_000;
    await project.put('k', '1', {}, '?ttl=1.5');
    expect(await at()).to.equal(1_800_000_001.5);
    await project.put('k', '2', {}, '?keep_ttl=true');
    expect(await at()).to.equal(1_800_000_001.5);
    await project.send('POST', 'store/k/increment', { body: '{"by":1}', headers: JSON_TYPE });
    await project.send('POST', 'store/k/append', { body: '1' });
    await project.send('PATCH', 'store/k', { body: '{}', headers: MERGE });
    expect(await at()).to.equal(1_800_000_001.5);
    await project.put('k', '3');
    expect(await at()).to.equal(undefined);
    await project.put('k', '3', {}, '?keep_ttl=true');
    expect(await at()).to.equal(undefined);
    await project.send('PUT', 'store/k?expires_at=1800000009.25', { body: '4' });
    expect(await at()).to.equal(1_800_000_009.25);
    const touched = await project.send('POST', 'store/k/touch', { body: '{"ttl":0.5}', headers: JSON_TYPE });
    expect(touched.json.data.expires_at).to.equal(1_800_000_000.5);
    expect(await at()).to.equal(1_800_000_000.5);
    await project.send('POST', 'store/k/touch', { body: '{"ttl":null}', headers: JSON_TYPE });
    expect(await at()).to.equal(undefined);
    await project.run({ operations: [{ put: { key: 'k', text: '5', ttl: 2 } }] });
    expect(await at()).to.equal(1_800_000_002);
    await project.run({ operations: [{ touch: { key: 'k', ttl: 3 } }] });
    expect(await at()).to.equal(1_800_000_003);
    expect((await project.get('k')).text).to.equal('5');
  });

  it('comes by the header X-TTL as by the parameter, and only one of both is accepted', async () => {
    const project = await on.project();
    on.clock.at = 1_800_000_000_000;
    for (const [method, path] of [
      ['PUT', 'values/k'],
      ['POST', 'values?key=k'],
      ['PUT', 'store/k'],
    ] as const) {
      const send = (ttl: string, query = '') =>
        project.send(method, `${path}${query}`, { body: '1', headers: { 'x-ttl': ttl } });
      expect((await send('1.5')).status).to.be.within(200, 204);
      expect((await project.get('k', { 'x-ttl': '9' })).headers['kv-expires'], path).to.equal('1800000001.5');
      for (const ttl of ['0', '-1', '', 'abc', '1e3', '1, 2', '0x10', '999999999999']) {
        const { status, json } = await send(ttl);
        expect([status, json.error.header], `X-TTL: ${ttl}`).to.deep.equal([400, 'X-TTL']);
        expect(json.message).to.contain('X-TTL');
      }
      const both = `${path.includes('?') ? '&' : '?'}ttl=1`;
      expect((await send('1', both)).json.message).to.contain('the header X-TTL');
      await project.send('DELETE', 'store/k');
    }
  });

  it('hides the entry from every route at that very instant, and a new one starts without expiry', async () => {
    const project = await on.project();
    on.clock.at = 1_800_000_000_000;
    await project.put('a', '1', {}, '?ttl=10');
    await project.put('p/b', '1', {}, '?expires_at=1800000010');
    await project.put('p/c', '1');
    const { etag } = (await project.get('a')).headers;
    on.clock.shift = 9_999;
    expect((await project.get('a')).status).to.equal(200);
    expect(await keysOf(project, '?keys_only=true')).to.deep.equal(['a', 'p/b', 'p/c']);
    on.clock.shift = 10_000;
    for (const path of ['store/a', 'store/a/value', 'values/a', 'values?key=a', 'latest?key=a&key=p/b']) {
      expect((await project.send('GET', path)).status, path).to.equal(404);
    }
    for (const path of ['store/a', 'values/p/b'])
      expect((await project.send('DELETE', path)).status, path).to.equal(404);
    for (const query of ['?keys_only=true', '?limit=1&keys_only=true', '?prefix=p/&keys_only=true']) {
      expect(await keysOf(project, query), query).to.deep.equal(['p/c']);
    }
    expect(Object.keys((await project.send('GET', 'store')).json.data)).to.deep.equal(['p/c']);
    expect((await project.send('GET', 'store?count=only')).json.data.count).to.equal(1);
    expect((await project.send('GET', 'store?prefix=p&count=only')).json.data.count).to.equal(1);
    expect((await project.send('GET', 'store?separator=/')).json.data.prefixes).to.deep.equal(['p/']);
    expect((await project.send('GET', 'latest?prefix=p')).json.data.key).to.equal('p/c');
    expect((await project.send('DELETE', 'store?prefix=p/&dry_run=true')).json.data.count).to.equal(1);
    expect((await project.put('a', '2', { 'if-match': '*' })).status).to.equal(412);
    expect((await project.put('a', '2', { 'if-match': String(etag) })).status).to.equal(412);
    const touch = { body: '{"ttl":9}', headers: JSON_TYPE };
    expect((await project.send('POST', 'store/a/touch', touch)).status).to.equal(404);
    expect((await project.send('PATCH', 'store/a', { body: '{}', headers: MERGE })).status).to.equal(404);
    const checks = [
      { key: 'a', absent: true },
      { key: 'p/b', absent: true },
    ];
    const operations = [{ get: { key: 'a' } }, { delete: { key: 'p/b' } }];
    expect((await project.run({ checks, operations })).json.data.results).to.deep.equal([null, { existed: false }]);
    expect((await project.run({ checks: [{ key: 'a', exists: true }], operations: [] })).status).to.equal(412);

    const created = await project.send('POST', 'store/a/increment', { body: '{"by":5}', headers: JSON_TYPE });
    expect(created.json.data).to.include({ value: 5, created_at: 1_800_000_010 }).and.not.have.property('expires_at');
    expect((await project.put('p/b', '2', { 'if-none-match': '*' }, '?keep_ttl=true')).status).to.equal(201);
    expect((await project.get('p/b')).headers).to.not.have.property('kv-expires');
  });

  it('frees the space of the entry, also after a restart', async () => {
    const limited = await on.project({ limits: { max_keys: 10 } });
    const write = async (ttl: number) => {
      const puts = Array.from({ length: 10 }, (_, i) => limited.put(`${ttl}/${i}`, 'x', {}, `?ttl=${ttl}`));
      expect((await Promise.all(puts)).map(({ status }) => status)).to.deep.equal(Array(10).fill(201));
    };
    await write(1);
    expect((await limited.put('one more', 'x')).status).to.equal(507);
    on.clock.shift = 1000;
    await write(2);
    on.clock.shift = 100_000;
    await on.server.restart();
    await write(3);
  });

  it('may have any number of digits', async () => {
    const project = await on.project();
    on.clock.at = 1_800_000_000_000;
    await project.put('k', '1', {}, `?ttl=${0.1 + 0.2}`);
    expect((await project.get('k')).headers['kv-expires']).to.equal('1800000000.3');
    await project.put('k', '1', {}, '?expires_at=1800000001.123456789012');
    expect((await project.get('k')).headers['kv-expires']).to.equal('1800000001.123');
  });

  it('is refused if it is malformed, with the parameter or member, and changes nothing', async () => {
    const project = await on.project();
    await project.put('k', '1');
    const bad = [
      'ttl=-1',
      'ttl=0',
      'ttl=abc',
      'ttl=',
      'ttl=1e3',
      'ttl=NaN',
      'ttl=Infinity',
      'expires_at=x',
      'expires_at=0',
    ];
    const late = ['expires_at=1800000000000', 'ttl=300000000000'];
    const both = ['ttl=1&expires_at=1900000000', 'ttl=1&ttl=2', 'keep_ttl=true&ttl=1', 'keep_ttl=maybe', 'TTL=1'];
    for (const query of [...bad, ...late, ...both]) {
      for (const path of [`values/k?${query}`, `store/k?${query}`]) {
        const { status, json } = await project.send('PUT', path, { body: '2' });
        expect([status, json.error.code], path).to.deep.equal([400, 'invalid']);
        expect(json.message, path).to.contain(query.split('=', 1)[0]);
        if (late.includes(query)) expect(json.message).to.contain('milliseconds');
      }
    }
    for (const ttl of ['-1', '0', '"1"', 'true', '[]', '1e300', '300000000000']) {
      const touched = await project.send('POST', 'store/k/touch', { body: `{"ttl":${ttl}}`, headers: JSON_TYPE });
      expect([touched.status, touched.json.message], ttl).to.satisfy(([status, text]: [number, string]) => {
        return status === 400 && text.includes('ttl');
      });
      const run = await project.run(`{"operations":[{"touch":{"key":"k","ttl":${ttl}}}]}`);
      expect([run.status, run.json.error.path], ttl).to.deep.equal([400, 'operations[0].touch.ttl']);
    }
    for (const body of ['{}', '{"ttl":1,"x":1}', '[]', 'null', '', '{"ttl":1']) {
      expect((await project.send('POST', 'store/k/touch', { body, headers: JSON_TYPE })).status, body).to.equal(400);
    }
    const { text, headers } = await project.get('k');
    expect([text, headers['kv-expires']]).to.deep.equal(['1', undefined]);
  });
});

async function keysOf(project: TestProject, query: string): Promise<string[]> {
  return (await project.send('GET', `store${query}`)).json.data.keys;
}
