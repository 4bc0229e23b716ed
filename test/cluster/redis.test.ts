import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../src/domain/errors.js';
import { engineNamed } from '../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../harness/test-server.js';
import { missingRedis, type RedisServer, startRedis } from './redis-server.js';

const reason = await missingRedis();

describe(`A project on Redis${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
  let server: TestServer;
  let redis: RedisServer;
  let storage: object;
  before(async function () {
    if (reason !== undefined) this.skip();
    redis = await startRedis();
    storage = { engine: 'redis', options: { url: redis.url, timeout: 2 } };
    server = await TestServer.start();
  });
  after(async () => {
    await server?.stop();
    await redis?.remove();
  });

  it('loses no acknowledged increment while the server is killed and comes back, and goes on by itself', async () => {
    const key = await server.project('counted', { storage });
    let [done, unknown, refused, stopped] = [0, 0, 0, false];
    const add = async () => {
      while (!stopped) {
        const { status, json } = await server.call('POST', 'counted/store/n/increment', { key, body: '{"by":1}' });
        if (status === 200) done += 1;
        else if (json?.error?.code === 'outcome_unknown') unknown += 1;
        else {
          expect(status).to.equal(503);
          refused += 1;
        }
      }
    };
    const adding = Promise.all(Array.from({ length: 4 }, add));
    const until = async (met: () => boolean) => {
      while (!met()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    for (let round = 0; round < 2; round++) {
      const [before, failed] = [done, refused + unknown];
      await until(() => done >= before + 50);
      await redis.kill();
      await until(() => refused + unknown > failed);
      redis.start();
    }
    const before = done;
    await until(() => done >= before + 50);
    stopped = true;
    await adding;
    const { text } = await server.call('GET', 'counted/values/n', { key });
    expect(Number(text)).to.be.within(done, done + unknown);
    console.log(`        ${done} increments, ${unknown} of unknown outcome, ${refused} refused`);
  }).timeout(120_000);

  it('is refused, not taken for empty, if the server lost its data', async () => {
    const key = await server.project('lost', { storage });
    expect((await server.call('PUT', 'lost/values/a', { key, body: 'x' })).status).to.equal(201);
    await redis.command('FLUSHALL');
    for (const [method, path] of [
      ['GET', 'lost/values/a'],
      ['GET', 'lost/export'],
      ['PUT', 'lost/values/b'],
    ] as const) {
      const { status, text } = await server.call(method, path, { key, ...(method === 'PUT' ? { body: 'x' } : {}) });
      expect(status, text).to.equal(503);
    }
  });

  it('names settings of the server that are unsafe', async () => {
    const engine = await engineNamed('redis');
    const options = Object.assign(new engine.Options(), { url: redis.url });
    const safe = await engine.server?.durability(options);
    expect(safe).to.deep.equal({
      commit: 'survives a crash of the server, as long as its disk is whole',
      warnings: [],
    });
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'appendonly', 'no');
    const { commit, warnings = [] } = (await engine.server?.durability(options)) ?? {};
    expect(commit).to.include('appendonly is off');
    expect(warnings.join()).to.include('allkeys-lru').and.include('appendonly is off');
  });

  it('names them in /readyz and with the settings of the project, and says if the server does not answer', async () => {
    const key = await server.project('unsafe', { storage });
    const shown = async () => (await server.call('GET', 'unsafe', { key })).json.data.durability;
    const policy = 'maxmemory-policy is allkeys-lru: entries are lost when the memory is full';
    const { commit, warnings } = await shown();
    expect(commit).to.equal('may be lost at a crash of the server: appendonly is off');
    expect(warnings).to.include(policy);
    const { status, json } = await server.call('GET', '/readyz');
    expect(status).to.equal(200);
    expect(json.warnings.unsafe).to.deep.equal(warnings);
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'appendonly', 'yes');
    while ((await shown()).warnings.length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await server.call('GET', '/readyz')).json.warnings?.unsafe).to.equal(undefined);
    await redis.kill();
    while (!(await shown()).commit.startsWith('is unknown')) await new Promise((resolve) => setTimeout(resolve, 100));
    await redis.start();
    while ((await shown()).commit.startsWith('is unknown')) await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it('is fenced for good only once as many replicas have the fence as a commit waits for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const engine = await engineNamed('redis');
    const options = Object.assign(new engine.Options(), { url: redis.url, wait: 1, commit_timeout: 0.4 });
    const error = await engine.server
      ?.fence({ project: 'waited', generation: 1, folder }, options, '1')
      .catch((it: unknown) => it);
    expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
    expect(`${error}`).to.include('0 of 1 replicas');
    await rm(folder, { recursive: true });
  });

  it('leaves nothing on the server once it is deleted', async () => {
    await server.project('short', { storage });
    const keys = async () => redis.command('KEYS', '*short*');
    expect(await keys()).to.include('short');
    expect((await server.call('DELETE', 'short', { key: server.systemKey })).status).to.be.below(300);
    expect((await keys()).trim()).to.equal('');
  });
});
