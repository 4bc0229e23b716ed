import { expect } from 'chai';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../../harness/test-server.js';
import { FeedReplica } from './feed-replica.js';

const SECONDS = Number(process.env.FEED_SECONDS ?? 1.5);
const WRITERS = 8;

describe('A client that keeps a copy by the changes alone', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  for (const engine of localEngineNames) {
    it(`ends with exactly the content of the store, on engine ${engine}`, () => run(`on-${engine}`, engine));
  }

  it('ends with exactly the content of the store, while the engine is changed again and again', () =>
    run('moving', 'memory', async (ended) => {
      for (let i = 1; !ended(); i++) await move('moving', localEngineNames[i % localEngineNames.length] as string);
    }));

  async function run(
    project: string,
    engine: string,
    disturb: (ended: () => boolean) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    const key = await server.project(project, { storage: { engine } });
    const { since } = (await server.call('GET', `${project}/changes?wait=0`, { key })).json.data;
    const replicas = [0, 1, 2, 3].map((i) => new FeedReplica(server, project, key, generator(seed + i), i === 0));
    const following = replicas.map((replica) => replica.run());
    const end = performance.now() + SECONDS * 1000;
    const ended = () => performance.now() > end;
    const writers = Array.from({ length: WRITERS }, (_, i) => write(project, key, generator(seed + 10 + i), ended));
    await Promise.all([...writers, disturb(ended)]);
    await server.call('PUT', `${project}/values/last?ttl=0.2`, { key, body: 'x' });
    const expired = `${project}/changes?key=last&since=${since}&wait=0`;
    while ((await server.call('GET', expired, { key })).json.data.changes.at(-1)?.event !== 'expire');
    await server.call('PUT', `${project}/values/end`, { key, body: 'x' });
    await Promise.all(replicas.map((replica) => replica.seen('end')));
    await Promise.all(following);
    const { json } = await server.call('GET', `${project}/store?as=auto&limit=1000`, { key });
    const content = Object.entries(json.data.items as Record<string, { version: string; value: unknown }>)
      .map(([name, { version, value }]) => [name, { version, value }])
      .sort();
    const all = await everyChange(project, key, since);
    for (const { copy, changes, breaks, resyncs } of replicas) {
      expect([...copy].sort(), `SEED=${seed}, ${breaks} breaks, ${resyncs} resyncs`).to.deep.equal(content);
      expect(breaks).to.be.above(0);
      if (resyncs === 0) expect(changes, `SEED=${seed}`).to.deep.equal(all);
    }
  }

  async function everyChange(project: string, key: string, since: string): Promise<string[]> {
    const all: string[] = [];
    for (let from = since; ; ) {
      const { json } = await server.call('GET', `${project}/changes?since=${from}&wait=0`, { key });
      if (json.data.changes.length === 0) return all;
      for (const { event, key: name, version } of json.data.changes) all.push(`${event} ${name} ${version}`);
      from = json.data.since;
    }
  }

  async function write(project: string, key: string, random: () => number, ended: () => boolean): Promise<void> {
    const name = () => `k${Math.floor(random() * 30)}`;
    const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
      const sent = { key, headers, ...(body === undefined ? {} : { body }) };
      const { status, text } = await server.call(method, `${project}/${path}`, sent);
      expect(status, `${method} ${path}: ${text}`).to.be.below(500);
    };
    const operations = () => [{ put: { key: name(), text: String(random()) } }, { delete: { key: `d${name()}` } }];
    const ways = [
      () => call('PUT', `values/${name()}`, String(random())),
      () => call('PUT', `values/${name()}?ttl=0.1`, 'gone soon'),
      () => call('DELETE', `values/${name()}`),
      () => call('POST', `store/count${name()}/increment`, '{"by":1}'),
      () => call('POST', `store/${name()}/append`, 'more'),
      () => call('POST', 'transactions', JSON.stringify({ operations: operations() })),
      () =>
        call('POST', 'store', `d${name()}=1&e=${random()}`, { 'content-type': 'application/x-www-form-urlencoded' }),
      () => call('DELETE', `store?prefix=${name()}`),
    ];
    while (!ended()) await ways[Math.floor(random() * ways.length)]?.();
  }

  async function move(project: string, engine: string): Promise<void> {
    const call = (method: string, path: string, body?: string) =>
      server.call(method, path, { key: server.systemKey, ...(body === undefined ? {} : { body }) });
    const { headers } = await call('PUT', project, JSON.stringify({ storage: { engine } }));
    const migration = headers.get('location');
    while (migration !== null) {
      const { state, error } = (await call('GET', migration)).json.data;
      expect(state, error).not.to.equal('failed');
      if (state === 'done') return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});

/** Random numbers from 0 to 1 that a seed determines (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
