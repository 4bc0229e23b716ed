import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { MovableClock } from '../../harness/movable-clock.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';

describe('A ticket for the change feed', () => {
  const clock = new MovableClock();
  let server: TestServer;
  let owner: string;
  before(async () => {
    server = await TestServer.start(clock);
    owner = await server.project('p', { storage: { engine: 'memory' } });
    await server.project('q', { storage: { engine: 'memory' } });
  });
  after(() => server.stop());

  const ask = (query = '', key: string | undefined = owner) =>
    server.call('POST', `p/changes/tickets${query}`, { key });
  const ticketOf = async (query?: string, key?: string): Promise<string> => (await ask(query, key)).json.data.ticket;
  const use = (ticket: string, query = '', project = 'p') =>
    server.call('GET', `${project}/changes?ticket=${ticket}&wait=0${query}`);
  const open = (ticket: string, query = '') =>
    EventStreamReader.open(`${server.address}/api/v1/projects/p/changes?ticket=${ticket}${query}`, undefined);
  const codeOf = ({ status, json }: TestResponse) => [status, json.error?.code];
  const makeKey = async (grant: object): Promise<{ id: string; key: string }> =>
    (await server.call('POST', 'p/api-keys', { key: owner, body: JSON.stringify({ name: 'k', ...grant }) })).json.data;
  const put = (key: string) => server.call('PUT', `p/values?key=${key}`, { key: owner, body: key });

  it('opens one stream without a header, and no second one', async () => {
    const { status, json, headers } = await ask();
    expect([status, headers.get('cache-control')]).to.deep.equal([201, 'no-store']);
    expect(json.data.expires_at * 1000 - clock.now()).to.be.within(55_000, 60_000);
    const stream = await open(json.data.ticket);
    expect([stream.status, (await stream.next())?.event]).to.deep.equal([200, 'ready']);
    await put('a');
    expect((await stream.next())?.data.key).to.equal('a');
    expect(codeOf(await use(json.data.ticket))).to.deep.equal([401, 'unauthenticated']);
    stream.close();
  });

  it('is refused in the same words whether it was used, is over, is of another project or was never made', async () => {
    const [used, over, wrong] = [await ticketOf(), await ticketOf(), await ticketOf()];
    await use(used);
    clock.shift += 60_000;
    const late = await ticketOf();
    const refusals = [
      await use(used),
      await use(over),
      await use(late, '', 'q'),
      await use('pkt_nothing'),
      await server.call('GET', 'p/changes?wait=0'),
      await server.call('GET', 'p/changes?wait=0', { key: 'pkv_wrong' }),
    ];
    for (const refusal of refusals) {
      expect([refusal.status, refusal.text, refusal.headers.get('www-authenticate')]).to.deep.equal([
        401,
        refusals[0]?.text,
        refusals[0]?.headers.get('www-authenticate'),
      ]);
    }
    expect(wrong).to.match(/^pkt_[\w-]{43}$/);
    expect((await use(late)).status).to.equal(200);
  });

  it('has the rights of its key to watch, as far as it was asked for, and no other', async () => {
    const { key } = await makeKey({ scopes: ['watch', 'read', 'write'], prefix: 'in/' });
    for (const [query, allowed] of [
      ['&prefix=in/a', 200],
      ['&prefix=out/', 403],
      ['&include=value', 403],
    ] as const) {
      expect((await use(await ticketOf('', key), query)).status, query).to.equal(allowed);
    }
    expect((await use(await ticketOf('?include=value', key), '&include=value')).status).to.equal(200);
    expect((await use(await ticketOf('?prefix=in/a/', key), '&prefix=in/b/')).status).to.equal(403);
    const stream = await open(await ticketOf('?prefix=in/a/', key));
    await stream.next();
    for (const one of ['in/b/1', 'out/1', 'in/a/1']) await put(one);
    expect((await stream.next())?.data.key).to.equal('in/a/1');
    stream.close();
    expect(codeOf(await ask('?prefix=out/', key))).to.deep.equal([403, 'insufficient_scope']);
    const watcher = await makeKey({ scopes: ['watch'] });
    expect((await ask('?include=value', watcher.key)).json.error.required_scope).to.equal('read');
    const reader = await makeKey({ scopes: ['read'] });
    expect((await ask('', reader.key)).json.error.required_scope).to.equal('watch');
    for (const secret of [await ticketOf(), await ticketOf()]) {
      const path = `p/store?keys_only=true&ticket=${secret}`;
      expect((await server.call('GET', path)).status).to.equal(401);
      expect((await server.call('GET', 'p/changes?wait=0', { key: secret })).status).to.equal(401);
    }
  });

  it('ends with its key, before it is used and after', async () => {
    const { id, key } = await makeKey({ scopes: ['watch'] });
    const [waiting, opened] = [await ticketOf('', key), await open(await ticketOf('', key))];
    await opened.next();
    expect((await server.call('DELETE', `p/api-keys/${id}`, { key: owner })).status).to.equal(200);
    expect(await opened.next()).to.equal(undefined);
    expect(codeOf(await use(waiting))).to.deep.equal([401, 'unauthenticated']);
    const short = await makeKey({ scopes: ['watch'], expires_in: 10 });
    const ticket = await ticketOf('', short.key);
    clock.shift += 10_001;
    expect(codeOf(await use(ticket))).to.deep.equal([401, 'unauthenticated']);
  });

  it('cannot be collected without end: a key has 100 at most, and the oldest are dropped', async () => {
    const tickets: string[] = [];
    for (let i = 0; i < 101; i++) tickets.push(await ticketOf());
    expect((await use(tickets[0] as string)).status).to.equal(401);
    expect((await use(tickets[1] as string)).status).to.equal(200);
  });

  it('is recorded in the audit log when it is made, but is itself in no log', async () => {
    const ticket = await ticketOf();
    await use(ticket);
    const text = await readFile(join(server.folder, 'storage_data', 'audit.portkv.ndjson'), 'utf8');
    const last = JSON.parse(text.trimEnd().split('\n').at(-1) as string);
    expect(last).to.include({ act: 'createWatchTicket', project: 'p', who: owner.slice(4, 12), outcome: 'done' });
    expect(text).not.to.include(ticket.slice(4));
  });

  it('is refused with 400 if its parameters are wrong', async () => {
    for (const query of ['?prefix=a&prefix=b', '?include=all', '?since=x']) {
      expect((await ask(query)).status, query).to.equal(400);
    }
    expect((await server.call('GET', 'p/changes?ticket=')).status).to.equal(401);
  });
});
