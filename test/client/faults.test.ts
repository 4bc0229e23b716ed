import { expect } from 'chai';
import { connect, PortkvError, type RemoteStore } from '../../src/interfaces/client/client.js';
import { freePort } from '../harness/free-port.js';
import { TestServer } from '../harness/test-server.js';
import { FaultyProxy } from './faulty-proxy.js';

const BUSY = { status: 503, headers: { 'retry-after': '0', 'content-type': 'application/json' } };
const ERROR = '{"System":null,"data":null,"error":{"code":"CODE"},"message":"busy","status_code":503}';
const busy = (code: string) => ({ ...BUSY, body: ERROR.replace('CODE', code) });

async function errorOf(task: Promise<unknown>): Promise<PortkvError> {
  const error: unknown = await task.catch((reason: unknown) => reason);
  expect(error).to.be.instanceOf(PortkvError);
  return error as PortkvError;
}

describe('The client, over a connection that fails', () => {
  let server: TestServer;
  let proxy: FaultyProxy;
  let store: RemoteStore;

  before(async () => {
    server = await TestServer.start();
    proxy = await FaultyProxy.start(server.address);
    store = connect({ url: proxy.url, project: 'first_project', key: server.projectKey });
  });
  after(async () => {
    await store.close();
    await proxy.stop();
    await server.stop();
  });
  beforeEach(async () => {
    await store.clear();
    proxy.faults = [];
    proxy.seen.splice(0);
  });

  it('repeats reads, whatever broke', async () => {
    await store.put('a', 1);
    for (const fault of ['cut-before', 'cut-after', 'cut-body', busy('unavailable'), { status: 502 }] as const) {
      proxy.faults = [fault, fault];
      expect((await store.get('a'))?.value).to.equal(1);
      proxy.faults = [fault];
      expect(await store.getMany(['a', 'b'])).to.have.length(2);
      proxy.faults = [fault];
      expect(await store.count()).to.equal(1);
    }
  });

  it('repeats a write that was certainly not begun', async () => {
    for (const fault of [busy('unavailable'), busy('rate_limited'), { status: 429, headers: { 'retry-after': '0' } }]) {
      proxy.faults = [fault, fault];
      await store.increment('a');
    }
    expect(await store.increment('a')).to.equal(4n);
  });

  it('does not repeat a write that may have happened, and says so', async () => {
    for (const fault of ['cut-after', 'cut-body', 'cut-before', { status: 504 }, busy('outcome_unknown')] as const) {
      proxy.faults = [fault];
      expect((await errorOf(store.increment(`n-${String(fault)}`))).code).to.equal('outcome_unknown');
    }
    expect(await store.increment('n-cut-after')).to.equal(2n);
    expect(await store.increment('n-cut-before')).to.equal(1n);
    proxy.faults = ['cut-after'];
    expect((await errorOf(store.append('a', 'x'))).code).to.equal('outcome_unknown');
    expect((await store.get('a'))?.value).to.equal('x');
  });

  it('reads again to see whether a put of unknown outcome happened, if that can be seen', async () => {
    proxy.faults = ['cut-after'];
    const version = await store.put('a', { n: 1 });
    expect(await store.head('a')).to.include({ version });
    proxy.faults = ['cut-before'];
    expect((await errorOf(store.put('a', { n: 2 }))).code).to.equal('outcome_unknown');
    expect((await store.get('a'))?.value).to.deep.equal({ n: 1 });
    const expiresAt = new Date(Date.now() + 60_000);
    proxy.faults = ['cut-before'];
    expect((await errorOf(store.put('a', { n: 1 }, { expiresAt }))).code, 'the old one').to.equal('outcome_unknown');
    proxy.faults = ['cut-after'];
    await store.put('a', { n: 1 }, { expiresAt });
    proxy.faults = ['cut-after'];
    expect((await errorOf(store.put('a', { n: 1 }, { ttl: 60 }))).code).to.equal('outcome_unknown');
    proxy.faults = ['cut-after'];
    expect((await errorOf(store.delete('a'))).code, 'or another caller deleted it').to.equal('outcome_unknown');
    expect(await store.has('a')).to.equal(false);
  });

  it('repeats a write with a condition, which happens once at most', async () => {
    proxy.faults = ['cut-before'];
    const version = await store.put('a', 1, { ifAbsent: true });
    proxy.faults = ['cut-before', 'cut-before'];
    expect(await store.increment('a', 1, { ifVersion: version })).to.equal(2n);
    proxy.faults = [undefined, 'cut-before'];
    const check = { key: 'b', absent: true } as const;
    await store.head('a');
    await store.transaction([{ put: { key: 'b', value: 1 } }], [check]);
    expect(proxy.seen.filter((line) => line.endsWith('/transactions'))).to.have.length.above(3);
  });

  it('does not repeat a transaction whose checks hold again after it', async () => {
    proxy.faults = ['cut-after'];
    const passing = [{ put: { key: 'a', value: 1 } }, { delete: { key: 'a' } }] as const;
    const absent = [{ key: 'a', absent: true }] as const;
    expect((await errorOf(store.transaction(passing, absent, { sequential: true }))).code).to.equal('outcome_unknown');
    proxy.faults = ['cut-after'];
    const other = store.transaction([{ increment: { key: 'b' } }], [{ key: 'a', absent: true }]);
    expect((await errorOf(other)).code).to.equal('outcome_unknown');
    expect(proxy.seen.filter((line) => line.endsWith('/transactions'))).to.have.length(2);
    expect(await store.increment('b')).to.equal(2n);
  });

  it('does not take its own write for one of another caller', async () => {
    proxy.faults = ['cut-after'];
    expect((await errorOf(store.put('a', 1, { ifAbsent: true }))).code).to.equal('outcome_unknown');
    const version = (await store.head('a'))?.version;
    proxy.faults = ['cut-after'];
    expect((await errorOf(store.delete('a', { ifVersion: version }))).code).to.equal('outcome_unknown');
    expect(await store.has('a')).to.equal(false);
  });

  it('ends a call after its time limit, or when its signal says so', async () => {
    await store.put('a', 1);
    const hasty = store.with({ timeout: 50, retries: 1 });
    proxy.faults = ['hang', 'hang'];
    const slow = await errorOf(hasty.get('a'));
    expect([slow.code, slow.status]).to.deep.equal(['timeout', undefined]);
    expect(proxy.seen.filter((line) => line.startsWith('GET'))).to.have.length(2);
    proxy.faults = ['hang'];
    expect((await errorOf(hasty.increment('n'))).code).to.equal('outcome_unknown');
    proxy.faults = ['hang', 'cut-before'];
    const controller = new AbortController();
    const waiting = store.with({ signal: controller.signal }).get('a');
    controller.abort(new Error('enough'));
    expect(await waiting.catch(({ message }) => message)).to.equal('enough');
    const reason = await store
      .with({ signal: AbortSignal.abort(new Error('before')) })
      .get('a')
      .catch(String);
    expect(reason).to.equal('Error: before');
  });

  it('names what is not PortKV', async () => {
    const one = store.with({ retries: 0 });
    const named = async (fault: { status: number; headers?: Record<string, string>; body?: string }) => {
      const found: PortkvError[] = [];
      for (const call of [() => one.get('a'), () => one.count(), () => one.put('a', 1), () => one.head('a')]) {
        proxy.faults = [fault];
        found.push(await errorOf(call()));
      }
      return found;
    };
    const page = '<!DOCTYPE html><html><h1>Sign in to the Wi-Fi</h1></html>';
    for (const error of await named({ status: 200, headers: { 'content-type': 'text/html' }, body: page })) {
      expect(error.code).to.equal('invalid_response');
      expect(error.message).to.include(proxy.url).and.include('status 200 with a page of HTML').and.include('Sign in');
    }
    for (const { code, status, message } of await named({ status: 404, body: page })) {
      expect([code, status]).to.deep.equal(['invalid_response', 404]);
      expect(message).to.include('a page of HTML');
    }
    for (const { code, message } of await named({ status: 301, headers: { location: 'https://example.org/' } })) {
      expect(code).to.equal('invalid_response');
      expect(message).to.include('redirects to https://example.org/');
    }
    const [, cut] = await named({ status: 200, body: '{"System":null,"data":{"cou' });
    expect(cut?.message).to.include('cut off');
    const [empty] = await named({ status: 200 });
    expect(empty?.message).to.include('an empty body');
    const [, bad] = await named({ status: 502, body: 'Bad Gateway' });
    expect(bad?.code).to.equal('unavailable');
    expect(bad?.message).to.include('/store?count=only returned status 502 with no response of PortKV: Bad Gateway');
  });

  it('names a server that is older than the client', async () => {
    const error = { code: 'invalid', parameter: 'as' };
    const message = 'unknown query parameter "as"; known are prefix, limit';
    const body = JSON.stringify({ System: null, data: null, error, message, status_code: 400 });
    proxy.faults = [{ status: 400, body }];
    const failed = await errorOf(store.list().next());
    expect(failed.code).to.equal('invalid_response');
    expect(failed.message).to.include('older than this client').and.include('"as"');
  });

  it('names an address without a server, and one that is no address', async () => {
    const port = await freePort();
    const nowhere = connect({ url: `http://127.0.0.1:${port}`, project: 'p', retries: 1 });
    for (const call of [() => nowhere.get('a'), () => nowhere.put('a', 1)]) {
      const { code, status, message } = await errorOf(call());
      expect([code, status]).to.deep.equal(['unavailable', undefined]);
      expect(message).to.include(`http://127.0.0.1:${port}/`).and.include('ECONNREFUSED');
    }
    for (const url of ['', 'localhost:1', 'ftp://a', 'http://u:p@a', 'http://a/?b', 'http://a/#b']) {
      expect(() => connect({ url, project: 'p' }), url).to.throw(PortkvError, 'url: ');
    }
    for (const [options, named] of [
      [{ key: 'se\ncret' }, 'key: '],
      [{ key: 'secr€t' }, 'key: '],
      [{ headers: { 'a b': 'c' } }, 'headers: '],
    ] as const) {
      const call = () => connect({ url: 'http://a', project: 'p', ...options });
      expect(call, named)
        .to.throw(PortkvError, named)
        .and.not.match(/secr|€/);
    }
    for (const project of ['', 'a/b', '..']) {
      expect(() => connect({ url: 'http://a', project }), project).to.throw(PortkvError, 'a project id');
    }
  });

  it('has the codes of the server, its status and its details', async () => {
    const connected = (project: string, key?: string) => connect({ url: server.address, project, key });
    const unknown = await errorOf(connected('first_project', 'pkv_wrong').get('a'));
    expect([unknown.code, unknown.status]).to.deep.equal(['unauthenticated', 401]);
    const keyless = await errorOf(connected('first_project').put('a', 1));
    expect(keyless.code).to.equal('unauthenticated');
    const missing = connected('none', server.systemKey);
    const calls = [
      () => missing.get('a'),
      () => missing.has('a'),
      () => missing.delete('a'),
      () => missing.touch('a', 1),
    ];
    for (const call of calls) expect((await errorOf(call())).code, 'not the entry').to.equal('not_found');
    const wrong = await errorOf(connected('first_project', server.systemKey).get('a'));
    expect([wrong.code, wrong.status, wrong.details.required_scope]).to.deep.equal([
      ...['insufficient_scope', 403, 'project'],
    ]);
    await store.put('a', 'text');
    const { code, status, message } = await errorOf(store.increment('a'));
    expect([code, status, message.startsWith('The value of key')]).to.deep.equal(['unprocessable', 422, true]);
  });

  it('refuses calls after close', async () => {
    const closed = connect({ url: server.address, project: 'first_project', key: server.projectKey });
    await closed.close();
    expect((await errorOf(closed.get('a'))).code).to.equal('unavailable');
    expect((await errorOf(closed.list().next())).code).to.equal('unavailable');
  });
});
