import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_OPERATIONS } from '../../src/domain/limits.js';
import { engineNamed } from '../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../harness/test-server.js';
import { type EtcdCluster, missingEtcd, startEtcd } from './etcd-server.js';

const reason = await missingEtcd();

const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

describe(`A project on etcd with the limits that it has by default${skipped}`, () => {
  let server: TestServer;
  let etcd: EtcdCluster;
  let remote: { engine: 'etcd'; options: { url: string; timeout: number } };
  before(async function () {
    if (reason !== undefined) this.skip();
    etcd = await startEtcd();
    remote = { engine: 'etcd', options: { url: etcd.url, timeout: 2 } };
    server = await TestServer.start();
  });
  after(async () => {
    await server?.stop();
    await etcd?.remove();
  });

  it('refuses a transaction of too many keys with the limit and the flag, and works on', async () => {
    const key = await server.project('limited', { storage: remote });
    const put = (count: number) => {
      const operations = Array.from({ length: count }, (_, i) => ({ put: { key: `k${i}`, text: `${i}` } }));
      return server.call('POST', 'limited/transactions', { key, body: JSON.stringify({ operations }) });
    };
    const { status, json, text } = await put(127);
    expect(status, text).to.equal(413);
    expect(text).to.include('--max-txn-ops');
    expect(json.error.limit_operations).to.equal(128);
    expect((await put(126)).status).to.equal(200);
    expect((await server.call('GET', 'limited/values/k125', { key })).text).to.equal('125');
  });

  it('imports and removes more than a transaction may have, and a value larger than a request', async () => {
    const key = await server.project('large', { storage: remote });
    const value = randomBytes(2 * 1024 * 1024).toString('hex');
    expect((await server.call('PUT', 'large/values/z', { key, body: value })).status).to.equal(201);
    const found = (await server.call('GET', 'large/values/z', { key })).text;
    expect(found === value).to.equal(true);
    const source = await server.project('source', { storage: { engine: 'memory' } });
    const operations = Array.from({ length: MAX_OPERATIONS }, (_, i) => ({ put: { key: `k/${i}`, text: `${i}` } }));
    const filling = { key: source, body: JSON.stringify({ operations }) };
    const filled = await server.call('POST', 'source/transactions', filling);
    expect(filled.status, filled.text).to.equal(200);
    const body = (await server.call('GET', 'source/export', { key: source })).text;
    const headers = { 'content-type': 'application/x-ndjson' };
    for (const [mode, members] of [
      ['merge', { put: MAX_OPERATIONS }],
      ['replace', { put: MAX_OPERATIONS, removed: 1 }],
    ] as const) {
      const { status, text, json } = await server.call('POST', `large/import?mode=${mode}`, { key, body, headers });
      expect(status, text).to.equal(200);
      expect(json.data).to.deep.include(members);
    }
    const removed = await server.call('DELETE', 'large/store?prefix=k/', { key });
    expect(removed.status, removed.text).to.equal(200);
    expect(removed.text).to.include(`${MAX_OPERATIONS}`);
  });

  it('knows what a commit did while the only member did not answer', async () => {
    const key = await server.project('paused', { storage: remote });
    const put = (value: string) => server.call('PUT', 'paused/values/a', { key, body: value });
    expect((await put('before')).status).to.equal(201);
    const [member] = etcd.members;
    member?.signal('SIGSTOP');
    const answer = put('while');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    member?.signal('SIGCONT');
    const { status, text } = await answer;
    const stored = (await server.call('GET', 'paused/values/a', { key })).text;
    if (status < 300) expect(stored).to.equal('while');
    else {
      expect(text).to.not.include('outcome_unknown');
      expect([status, stored]).to.deep.equal([503, 'before']);
    }
    expect((await put('after')).status).to.be.below(300);
  });

  it('says in one line what is wrong with the options or the cluster', async () => {
    const create = async (options: object) => {
      const body = JSON.stringify({ id: 'wrong', storage: { engine: 'etcd', options } });
      const { status, text } = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
      return `${status} ${text}`;
    };
    const secret = 'http://root:hidden-word@127.0.0.1:1';
    for (const options of [{}, { url: secret }, { url: 'etcd://h' }, { url: etcd.url, url_env: 'X' }]) {
      expect(await create(options))
        .to.match(/^4\d\d .*storage\.options\.url/)
        .and.not.include('hidden-word');
    }
    const file = join(server.folder, 'etcd.url');
    await writeFile(file, `${secret}\n`);
    expect(await create({ url_file: file }))
      .to.match(/^503 .*ECONNREFUSED/)
      .and.not.include('hidden-word');
    await writeFile(file, `${etcd.url.replace('//', '//root:hidden-word@')}\n`);
    expect(await create({ url_file: file }))
      .to.match(/^503 .*no users/)
      .and.not.include('hidden-word');
    expect(await create({ url: etcd.url, max_txn_ops: 129 })).to.match(/^503 .*--max-txn-ops=129/);
  });

  it('lets only the system key say which cluster, and which keys of it', async () => {
    const key = await server.project('own', { storage: { engine: 'memory' } });
    for (const options of [remote.options, { url_env: 'HOME' }, { prefix: 'other/' }]) {
      const body = JSON.stringify({ storage: { engine: 'etcd', options } });
      const { status, text } = await server.call('PUT', 'own', { key, body });
      expect(status, text).to.equal(403);
    }
  });

  it('says that the store is gone, and nothing else, after etcd was wiped', async () => {
    const key = await server.project('wiped', { storage: remote });
    expect((await server.call('PUT', 'wiped/values/a', { key, body: '1' })).status).to.equal(201);
    const other = await startEtcd();
    try {
      const engine = await engineNamed('etcd');
      const options = Object.assign(new engine.Options(), { url: other.url });
      const { commit, warnings } = await (engine.server as NonNullable<typeof engine.server>).durability(options);
      expect(commit).to.include('linearizable');
      expect(warnings.join()).to.include('one member only');
      const location = { project: 'wiped', generation: 1, folder: join(server.folder, 'storage_data') };
      await engine.remove(location, Object.assign(new engine.Options(), remote.options));
    } finally {
      await other.remove();
    }
    for (const [method, body] of [['GET'], ['PUT', '2']] as const) {
      const { status, text } = await server.call(method, 'wiped/values/a', { key, ...(body && { body }) });
      expect(status, text).to.equal(503);
    }
  });
});

describe(`A project on three members of etcd${skipped}`, () => {
  it('loses no acknowledged increment while each member is killed in turn, and knows every outcome', async function () {
    if (reason !== undefined) this.skip();
    const etcd = await startEtcd({ size: 3 });
    const server = await TestServer.start();
    try {
      const key = await server.project('counted', { storage: { engine: 'etcd', options: { url: etcd.url } } });
      const count = { done: 0, unknown: 0, stopped: false };
      const add = async () => {
        while (!count.stopped) {
          const { status, json } = await server.call('POST', 'counted/store/n/increment', { key, body: '{"by":1}' });
          if (status === 200) count.done += 1;
          else if (json?.error?.code === 'outcome_unknown') count.unknown += 1;
          else expect(status).to.equal(503);
        }
      };
      const adding = Promise.all(Array.from({ length: 4 }, add));
      const addedMore = async () => {
        const before = count.done;
        while (count.done < before + 30) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      for (const member of etcd.members) {
        await addedMore();
        await member.kill();
        await addedMore();
        await member.start();
      }
      count.stopped = true;
      await adding;
      const { text } = await server.call('GET', 'counted/values/n', { key });
      expect(Number(text)).to.be.within(count.done, count.done + count.unknown);
      console.log(`        ${count.done} increments, ${count.unknown} of unknown outcome`);
    } finally {
      await server.stop();
      await etcd.remove();
    }
  }).timeout(120_000);
});
