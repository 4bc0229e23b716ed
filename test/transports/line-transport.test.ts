import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Access, accessTable } from '../api/api-keys/access-table.js';
import { type CallerKind, callerKinds, expectedOutcome, TOUCHED } from '../harness/caller-kinds.js';
import { restKeys } from '../harness/rest-keys.js';
import { LinesServer } from './lines-server.js';

/** A command, the route of REST that does the same, and who may. */
interface Row {
  readonly line: string;
  readonly rest: readonly [method: string, path: string, body?: string];
  readonly access: Access;
}

const KEY = encodeURIComponent(TOUCHED);
/** A token that no feed knows, so that a watch answers at once. */
const OLD = 'old-1';
const PROJECTS = '/api/v1/projects';

const rows: Readonly<Record<string, Row>> = {
  GET: { line: `GET ${TOUCHED}`, rest: ['GET', `p/values/${KEY}`], access: accessTable.getValue as Access },
  PUT: { line: `PUT ${TOUCHED} 1`, rest: ['PUT', `p/values/${KEY}`, '1'], access: accessTable.putValue as Access },
  DELETE: { line: `DELETE ${TOUCHED}`, rest: ['DELETE', `p/values/${KEY}`], access: accessTable.deleteValue as Access },
  INCR: {
    line: `INCR ${TOUCHED}`,
    rest: ['POST', `p/store/${KEY}/increment`, '{"by":1}'],
    access: accessTable.incrementItem as Access,
  },
  LIST: { line: 'LIST', rest: ['GET', 'p/store?limit=100'], access: accessTable.listEntries as Access },
  WATCH: {
    line: `WATCH  ${OLD}`,
    rest: ['GET', `p/changes?wait=0&since=${OLD}`],
    access: accessTable.watchChanges as Access,
  },
};

describe('A transport of lines over TCP', () => {
  let server: LinesServer;
  let kinds: readonly CallerKind[];
  let primary: string;

  before(async function () {
    this.timeout(60_000);
    server = await LinesServer.start();
    kinds = await callerKinds(
      restKeys({
        systemKey: server.systemKey,
        call: (method, path, options) => server.rest(method, path, options.key, options),
        wait: (ms) => {
          server.now += ms;
        },
      }),
    );
    primary = secretOf('primary');
  });
  after(() => server.stop());

  const secretOf = (name: string) => kinds.find((kind) => kind.name === name)?.secret ?? '';
  const put = (key: string, value: string) =>
    server.restCode('PUT', `p/values/${encodeURIComponent(key)}`, primary, { body: value });

  it('is under 80 lines, and its address is in the banner', async () => {
    const source = join(import.meta.dirname, '../../../test/transports/line-transport.ts');
    expect((await readFile(source, 'utf8')).trimEnd().split('\n')).to.have.length.below(80);
    expect(server.running.others).to.have.length(1);
    expect(server.running.others[0]).to.match(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  });

  it('authenticates every kind of key as REST does', async function () {
    this.timeout(60_000);
    const wrong: string[] = [];
    for (const kind of kinds) {
      server.now += 61_000;
      const line = await server.client().code(`AUTH p ${kind.secret ?? ''}`);
      const rest = await server.restCode('GET', 'p', kind.secret);
      compare(wrong, `AUTH with ${kind.name}`, accessTable.getProject as Access, kind, line, rest);
    }
    expect(wrong.join('\n')).to.equal('');
  });

  for (const [name, { line, rest, access }] of Object.entries(rows)) {
    it(`answers ${name} to every kind of key as the table says and as REST does`, async function () {
      this.timeout(60_000);
      const wrong: string[] = [];
      for (const kind of kinds) {
        server.now += 61_000;
        const [method, path, body] = rest;
        await put(TOUCHED, '1');
        const byLine = await server.client('p', kind.secret).code(line);
        await put(TOUCHED, '1');
        const headers = { 'content-type': 'application/json' };
        const byRest = await server.restCode(method, path, kind.secret, body === undefined ? {} : { body, headers });
        compare(wrong, `${name} with ${kind.name}`, access, kind, byLine, byRest);
      }
      expect(wrong.join('\n')).to.equal('');
    });
  }

  function compare(wrong: string[], what: string, access: Access, kind: CallerKind, line: string, rest: string): void {
    const outcome = expectedOutcome(access, kind);
    const expected = outcome === 'allowed' ? 'OK' : `ERROR ${outcome}`;
    if (line !== expected || rest !== expected) wrong.push(`${what}: line ${line}, REST ${rest}, table ${expected}`);
  }

  it('refuses keys, values, hidden keys and unknown projects with the codes of REST', async () => {
    const client = server.client('p', primary);
    for (const key of ['k'.repeat(513), 'é'.repeat(257)]) {
      for (const command of ['GET', 'PUT', 'DELETE', 'INCR']) {
        expect(await client.code(`${command} ${key}`)).to.equal('ERROR invalid');
      }
      expect(await server.restCode('GET', `p/values/${encodeURIComponent(key)}`, primary)).to.equal('ERROR invalid');
    }
    expect(await client.code('GET ')).to.equal('ERROR invalid');
    expect(await client.code(`GET ${'k'.repeat(512)}`)).to.equal('ERROR not_found');
    expect(await server.client('p', primary).code(Buffer.from([71, 69, 84, 32, 255]))).to.equal('ERROR invalid');
    expect(await server.restCode('GET', 'p/values/%ff', primary)).to.equal('ERROR invalid');
    expect(await server.client('p', primary).code('MAKE coffee')).to.equal('ERROR invalid');

    const limits = { body: JSON.stringify({ limits: { max_value_bytes: 10 } }) };
    expect(await server.restCode('PUT', 'p', primary, limits)).to.equal('OK');
    expect([await client.code('PUT long 12345678901'), await put('long', '12345678901')]).to.deep.equal(
      Array(2).fill('ERROR too_large'),
    );
    const settings = { id: 'hidden', security: { keys_and_values_discoverable: false } };
    const { json } = await server.rest('POST', PROJECTS, server.systemKey, { body: JSON.stringify(settings) });
    const hidden = json.data.new_api_key;
    for (const [line, path] of [
      ['LIST', 'hidden/store?limit=10'],
      ['WATCH', 'hidden/changes?wait=0'],
    ] as const) {
      expect(await server.client('hidden', hidden).code(line)).to.equal('ERROR forbidden');
      expect(await server.restCode('GET', path, hidden)).to.equal('ERROR forbidden');
    }
    for (const key of [primary, server.systemKey]) {
      const rest = await server.restCode('GET', 'nowhere/values/k', key);
      expect(await server.client('nowhere', key).code('GET k')).to.equal(rest);
    }
  });

  it('returns what was written, but not to a key that may not read', async () => {
    const client = server.client('p', primary);
    expect(JSON.parse((await client.ask('PUT greeting hello you')).slice(3)).after.value).to.equal('hello you');
    expect(JSON.parse((await client.ask('GET greeting')).slice(3)).value).to.equal('hello you');
    await client.ask('PUT n 41');
    expect(JSON.parse((await client.ask('INCR n')).slice(3)).after.value).to.equal('42');
    const blind = await server.client('p', secretOf('no read')).ask('INCR n');
    expect(blind).to.match(/^OK /);
    expect(JSON.parse(blind.slice(3)).after).not.to.have.any.keys('value', 'size');
  });

  it('watches the keys with a prefix, and those of a key with a prefix, and no others', async () => {
    const asked = server.client('p', primary).ask('WATCH in/');
    const confined = server.client('p', secretOf('prefix inside')).ask('WATCH');
    expect(await server.client('p', secretOf('prefix outside')).code('WATCH in/x')).to.equal(
      'ERROR insufficient_scope',
    );
    await put('out/secret', 'x');
    await put('in/y', 'x');
    for (const answer of [await asked, await confined]) {
      expect(answer).to.include('in/y').and.not.include('secret');
    }
  });

  it('answers a watch at once if its key is deleted, and refuses the next command', async () => {
    const scopes = { body: JSON.stringify({ name: 'brief', scopes: ['watch'] }) };
    const { json } = await server.rest('POST', 'p/api-keys', primary, scopes);
    const client = server.client('p', json.data.key);
    expect(await client.code(`WATCH  ${OLD}`)).to.equal('OK');
    const watching = client.ask('WATCH');
    await server.client('p', primary).ask('GET greeting');
    expect(await server.restCode('DELETE', `p/api-keys/${json.data.id}`, primary)).to.equal('OK');
    expect(await watching).to.include('"changes":[]');
    expect(await client.code('WATCH')).to.equal('ERROR unauthenticated');
  });

  it('limits keys that turn out wrong, together with REST', async () => {
    server.now += 61_000;
    for (let i = 0; i < 5; i++) {
      expect(await server.client().code(`AUTH p wrong-${i}`)).to.equal('ERROR unauthenticated');
      expect(await server.restCode('GET', 'p/values/k', `wrong+${i}`)).to.equal('ERROR unauthenticated');
    }
    expect(await server.client().code('AUTH p wrong-11')).to.equal('ERROR rate_limited');
    expect(await server.restCode('GET', 'p/values/k', 'wrong+12')).to.equal('ERROR rate_limited');
    expect(await server.client('p', primary).code('GET greeting')).to.equal('OK');
    server.now += 61_000;
    expect(await server.client().code('AUTH p wrong-13')).to.equal('ERROR unauthenticated');
  });

  it('has the metrics of its operations by outcome', async () => {
    const metrics = () => server.rest('GET', '/metrics', server.systemKey);
    const count = (text: string, operation: string, outcome: string) => {
      const labels = `transport="lines",operation="${operation}",outcome="${outcome}"`;
      return Number(text.split(`portkv_operation_duration_seconds_count{${labels}} `)[1]?.split('\n')[0] ?? 0);
    };
    const before = (await metrics()).text;
    await server.client('p', primary).ask('GET greeting');
    await server.client('p', 'wrong').ask('PUT greeting x');
    const after = (await metrics()).text;
    for (const [operation, outcome, more] of [
      ['authenticate', 'ok', 1],
      ['authenticate', 'unauthenticated', 1],
      ['getValue', 'ok', 1],
      ['putValue', 'unauthenticated', 1],
      ['putValue', 'ok', 0],
    ] as const) {
      const [was, is] = [before, after].map((text) => count(text, operation, outcome));
      expect((is ?? 0) - (was ?? 0), `${operation} ${outcome}`).to.equal(more);
    }
  });

  it('writes the audit lines of REST, but for time and request', async () => {
    const audit = { data_writes: true };
    const headers = { 'content-type': 'application/json' };
    const all = [primary, secretOf('only read'), 'wrong', ''];
    const names = ['PUT', 'INCR', 'DELETE', 'DELETE', 'GET', 'LIST'] as const;
    const written: string[][] = [];
    for (const transport of ['rest', 'lines']) {
      await server.configure({ audit });
      await server.restCode('POST', PROJECTS, server.systemKey, { body: '{"id":"p"}' });
      const before = (await server.audit().catch(() => '')).length;
      for (const secret of all) {
        for (const name of names) {
          const [method, path, body] = rows[name]?.rest ?? ['', ''];
          const sent = body === undefined ? {} : { body, headers };
          if (transport === 'rest') await server.rest(method, path, secret, sent);
          else await server.client('p', secret).ask(rows[name]?.line ?? '');
        }
      }
      await server.configure({ audit });
      const lines = (await server.audit()).slice(before).trimEnd().split('\n');
      written.push(
        lines.map((line) => JSON.stringify({ ...JSON.parse(line), time: 0, request_id: 0 })).filter(isOfEntries),
      );
    }
    expect(written[1]).to.deep.equal(written[0]);
    expect(written[0]).to.have.length.above(6);
    expect(written[0]?.join('')).to.include('"outcome":"not_found"').and.include('"outcome":"insufficient_scope"');
  });

  it('keeps the rates of keys and addresses, together with REST', async () => {
    await server.configure({ rate_limits: { per_key: { requests: 3, seconds: 10 } } });
    const client = server.client('p', primary);
    expect(await client.code('GET k')).to.equal('ERROR not_found');
    expect(await server.restCode('GET', 'p/values/k', primary)).to.equal('ERROR not_found');
    expect(await client.code('GET k')).to.equal('ERROR rate_limited');
    expect(await server.restCode('GET', 'p/values/k', primary)).to.equal('ERROR rate_limited');
    expect(await server.client().code(`AUTH p ${secretOf('only read')}`)).to.equal('OK');
    server.now += 10_001;
    expect(await client.code('GET k')).to.equal('ERROR not_found');

    await server.configure({ rate_limits: { per_address: { requests: 3, seconds: 10 } } });
    const first = server.client('p', primary);
    expect(await first.code('GET k')).to.equal('ERROR not_found');
    expect(await server.client().code(`AUTH p ${secretOf('only read')}`)).to.equal('ERROR rate_limited');
    expect(await server.restCode('GET', 'p/values/k', primary)).to.equal('ERROR rate_limited');
    server.now += 10_001;
    expect(await first.code('GET k')).to.equal('ERROR not_found');
    await server.configure({ rate_limits: {} });
  });

  it('lets running commands have their answers when it stops, and ends every connection', async () => {
    const [idle, watching, running] = [server.client('p', primary), server.client('p', primary), server.client()];
    expect(await idle.code('GET greeting')).to.match(/OK|ERROR not_found/);
    const watched = watching.ask('WATCH');
    const answer = running.ask(`AUTH p ${secretOf('no watch')}`);
    await new Promise((done) => setTimeout(done, 20));
    await server.running.stop();
    expect(await answer).to.match(/^OK/);
    expect(await watched).to.match(/^OK/);
    await Promise.all([idle.ended, watching.ended, running.ended]);
  });
});

function isOfEntries(line: string): boolean {
  return !line.includes('"createProject"');
}
