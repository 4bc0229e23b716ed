import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { missingEtcd, startEtcd } from '../etcd-server.js';
import { missingPostgres, type PostgresServer, startPostgres } from '../postgres-server.js';
import { RegistryProcess } from '../registry/registry-process.js';
import { move, pause } from '../registry/shared-workload.js';
import { TcpProxy } from '../tcp-proxy.js';

const reason = (await missingEtcd()) ?? (await missingPostgres());
const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

describe(`A server from which the store of one project does not answer${skipped}`, function () {
  this.timeout(120_000);
  let etcd: Awaited<ReturnType<typeof startEtcd>>;
  let postgres: PostgresServer;
  /** The way of the second server to PostgreSQL. */
  let path: TcpProxy;
  let servers: RegistryProcess[] = [];
  let system = '';
  const storage = { engine: 'postgres', options: { url_env: 'STORE_URL', timeout: 30, commit_timeout: 30 } };
  const onEtcd = () => ({ engine: 'etcd', options: { url: etcd.url } });
  const both = () => servers as [RegistryProcess, RegistryProcess];
  const create = async (id: string, at: object = onEtcd()): Promise<string> => {
    const made = await servers[0]?.call('POST', '', system, { id, storage: at });
    expect(made?.status, made?.text).to.equal(201);
    return made?.data.new_api_key;
  };
  before(async function () {
    if (reason !== undefined) this.skip();
    [etcd, postgres] = [await startEtcd(), await startPostgres({ fsync: 'off' })];
    path = await TcpProxy.to(postgres.port);
    const urls = [postgres.url, postgres.url.replace(`:${postgres.port}/`, `:${path.port}/`)];
    expect(urls[1]).to.not.equal(urls[0]);
    for (const url of urls) servers.push(await RegistryProcess.start(onEtcd(), {}, ['env', `STORE_URL=${url}`]));
    system = servers[0]?.portkv.printed('SYSTEM_KEY') ?? '';
  });
  after(async () => {
    path?.close();
    await Promise.all(servers.map((server) => server.remove()));
    servers = [];
    await etcd?.remove();
    await postgres?.remove();
  });

  /** What the second server answers for another project until `ended`: it was never asked in vain. */
  async function usesOther(project: string, key: string, ended: () => boolean): Promise<number[]> {
    const statuses: number[] = [];
    while (!ended()) {
      statuses.push((await both()[1].callOnce('PUT', `${project}/values/k`, key, 'x')).status);
      await sleep(20);
    }
    return statuses.filter((status) => status >= 300);
  }

  /** Makes a key of a project, revokes it at the first server, and asks the second one with it. */
  async function afterRevocation(project: string, key: string): Promise<number> {
    const [a, b] = both();
    const { data } = await a.call('POST', `${project}/api-keys`, key, { name: 'reader', scopes: ['read'] });
    expect((await b.callOnce('GET', `${project}/values/k`, data.key)).status).to.equal(200);
    expect((await a.call('DELETE', `${project}/api-keys/${data.id}`, key)).status).to.equal(200);
    return (await b.callOnce('GET', `${project}/values/k`, data.key)).status;
  }

  it('takes over keys and settings of others while one moves there, and reads nothing at the old place', async () => {
    const [a, b] = both();
    const [other, key] = [await create('other'), await create('moved')];
    expect((await b.call('PUT', 'other/values/k', other, 'x')).status).to.equal(201);
    expect((await b.call('PUT', 'moved/values/k', key, 'old')).status).to.equal(201);
    path.cut();
    let ended = false;
    const using = usesOther('other', other, () => ended);
    await move(a, 'moved', system, storage);
    expect((await a.call('PUT', 'moved/values/k', key, 'new')).status).to.equal(204);
    let read: string | undefined;
    const reading = b.callOnce('GET', 'moved/values/k', key).then(({ text }) => {
      read = text;
    });
    for (let round = 0; round < 3; round++) {
      expect(await afterRevocation('other', other)).to.equal(401);
      expect((await a.call('PUT', 'other', system, { limits: { max_keys: 100 + round } })).status).to.equal(200);
      expect((await b.callOnce('GET', 'other', system)).data.limits.max_keys).to.equal(100 + round);
    }
    await sleep(3_000);
    expect(read, 'what it read before the store answers').to.equal(undefined);
    ended = true;
    expect(await using).to.deep.equal([]);
    path.heal();
    await reading;
    expect(read).to.equal('new');
    expect((await b.call('PUT', 'moved/values/k', key, 'later')).status).to.equal(204);
  });

  it('takes over keys and settings of others while one is made there, and removed again', async () => {
    const [a, b] = both();
    const other = await create('second');
    expect((await b.call('PUT', 'second/values/k', other, 'x')).status).to.equal(201);
    path.cut();
    let ended = false;
    const using = usesOther('second', other, () => ended);
    const key = await create('made', storage);
    expect((await a.call('PUT', 'made/values/k', key, 'x')).status).to.equal(201);
    for (let round = 0; round < 3; round++) expect(await afterRevocation('second', other)).to.equal(401);
    await sleep(3_000);
    expect((await a.call('DELETE', 'made', system)).status).to.equal(200);
    expect((await b.callOnce('GET', 'made/values/k', key)).status).to.be.oneOf([401, 404]);
    expect(await afterRevocation('second', other)).to.equal(401);
    ended = true;
    expect(await using).to.deep.equal([]);
    path.heal();
    while ((await b.readiness()) !== 200) await pause();
  });
});
