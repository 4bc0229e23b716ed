import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeyspaceRegistry } from '../../src/application/lifecycle/keyspace-registry.js';
import { OwnNode } from '../../src/application/server-info/own-node.js';
import { buildContainer } from '../../src/composition/container.js';
import { formatVersion } from '../../src/domain/version.js';
import { ConfigFile } from '../../src/infrastructure/config/config-file.js';
import { writeFirstConfig } from '../../src/infrastructure/config/first-config.js';
import { loadConfig } from '../../src/infrastructure/config/load-config.js';
import { FreeSpace } from '../../src/infrastructure/files/free-space.js';
import { pinoLogger } from '../../src/infrastructure/observability/pino-logger.js';
import { Argon2Hasher } from '../../src/infrastructure/security/argon2-hasher.js';
import { lockDataFolder } from '../../src/infrastructure/storage/data-folder.js';
import { httpLimits } from '../../src/interfaces/rest/connection/http-limits.js';
import { normalizeTarget } from '../../src/interfaces/rest/connection/request-line.js';
import { RequestPipeline } from '../../src/interfaces/rest/request-pipeline.js';
import { createRestServer } from '../../src/interfaces/rest/rest-server.js';
import { RouteTable } from '../../src/interfaces/rest/route-table.js';
import { fastPath } from '../../src/interfaces/rest/routing/fast-path.js';
import { resourcesOf } from '../../src/interfaces/rest/routing/resource.js';
import { DocumentedRoutes } from '../api/documented/documented-routes.js';
import { send } from '../harness/http-client.js';
import { WireConnection, type WireResponse } from '../harness/wire-connection.js';
import { generatedRequest, type RequestPool } from './generators/generated-request.js';
import { RandomSource } from './generators/random-source.js';
import { FUZZ_SEED, scaled, seeded } from './harness/properties.js';

type AnyServer = ReturnType<typeof createRestServer>;

const REQUESTS = scaled(5000);
/** The clock stands still, so that the same requests to both projects have the same times. */
const NOW = Date.now();
const VERSION = new RegExp(`\\b${formatVersion(NOW * 1000).slice(0, 3)}[0-9a-z]{7}\\b`, 'g');

describe(seeded('The fast path'), function () {
  this.timeout(scaled(300_000));
  let twins: TwinProjects;

  before(async () => {
    twins = await TwinProjects.start();
  });
  after(() => twins.stop());

  it(`responds to ${REQUESTS} requests with the same bytes as express`, async () => {
    const random = new RandomSource(FUZZ_SEED);
    const statuses = new Map<number | undefined, number>();
    for (let done = 0; done < REQUESTS; ) {
      const request = generatedRequest(random, twins.pool);
      const text = request.bytes.toString('latin1');
      if (!twins.isFast(request.target) || text.includes('\r\nX-Request-Id:')) continue;
      const [fast, slow] = [await twins.ask('a', request.method, text), await twins.ask('b', request.method, text)];
      expect(slow, text).to.deep.equal(fast);
      statuses.set(fast?.status, (statuses.get(fast?.status) ?? 0) + 1);
      done += 1;
    }
    for (const status of [200, 201, 204, 304, 400, 401, 404, 405, 412, 415]) {
      expect([...statuses.keys()], 'the statuses that were compared').to.include(status);
    }
  });
});

interface Comparable {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** Two projects with the same content on one server, one reached by the fast path and one by express alone. */
class TwinProjects {
  readonly #versions = { a: new Map<string, number>(), b: new Map<string, number>() };
  readonly #connections = new Map<'a' | 'b', WireConnection>();
  readonly #servers: Record<'a' | 'b', AnyServer>;
  readonly #keys: Record<'a' | 'b', string>;
  readonly pool: RequestPool;
  readonly isFast: (target: string) => boolean;

  private constructor(
    servers: Record<'a' | 'b', AnyServer>,
    keys: Record<'a' | 'b', string>,
    systemKey: string,
    routes: DocumentedRoutes,
    match: (target: string) => unknown,
    readonly stop: () => Promise<void>,
  ) {
    this.#servers = servers;
    this.#keys = keys;
    this.pool = { routes, projects: ['twin_a'], keys: [keys.a], systemKey };
    this.isFast = (target) => target.includes('/twin_a/') && isMatch(match, target);
  }

  static async start(): Promise<TwinProjects> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const file = new ConfigFile(join(folder, 'config.json'));
    const hasher = new Argon2Hasher();
    const { system } = await writeFirstConfig(file, hasher);
    const loaded = await loadConfig(file, hasher);
    if (loaded === undefined) throw new Error('no configuration');
    const { path: dataFolder, release } = await lockDataFolder(loaded.dataFolder);
    const app = buildContainer({
      file,
      settings: loaded.settings,
      dataFolder,
      node: new OwnNode(undefined, 'test'),
      log: await pinoLogger({ level: 'error', format: 'json' }),
      clock: { now: () => NOW },
      hasher,
      limits: httpLimits,
      isLocal: true,
      authenticate: true,
      abortProcess: (reason) => expect.fail(reason),
    });
    await app.resolve(FreeSpace).start();
    const { routes } = app.resolve(RouteTable);
    const pipeline = app.resolve(RequestPipeline);
    const match = fastPath(resourcesOf(routes));
    const servers = {
      a: createRestServer(routes, pipeline, httpLimits, match),
      b: createRestServer(routes, pipeline, httpLimits, () => undefined),
    };
    for (const server of Object.values(servers)) await once(server.listen(0, '127.0.0.1'), 'listening');
    const headers = { authorization: `Bearer ${system}` };
    const keys = { a: '', b: '' };
    for (const name of ['a', 'b'] as const) {
      const body = JSON.stringify({ id: `twin_${name}`, storage: { engine: 'memory' } });
      keys[name] = (
        await send(addressOf(servers.a), 'POST', '/api/v1/projects', { headers, body })
      ).json.data.new_api_key;
    }
    const document = (await send(addressOf(servers.a), 'GET', '/openapi.json', {})).json;
    return new TwinProjects(servers, keys, system, new DocumentedRoutes(document), match, async () => {
      for (const server of Object.values(servers)) {
        server.close();
        server.closeAllConnections();
      }
      app.resolve(FreeSpace).stop();
      await app.resolve(KeyspaceRegistry).close();
      await release();
      await rm(folder, { recursive: true });
    });
  }

  /** The response for a twin, with the names of twin_a and without what always differs. */
  async ask(name: 'a' | 'b', method: string, request: string): Promise<Comparable | undefined> {
    const own = request.replaceAll('twin_a', `twin_${name}`).replaceAll(this.#keys.a, this.#keys[name]);
    const connection = this.#connections.get(name) ?? new WireConnection(addressOf(this.#servers[name]));
    this.#connections.set(name, connection);
    connection.send(Buffer.from(own, 'latin1'));
    const answer = await connection.answer(method, 10_000);
    if (answer === undefined || answer.headers.get('connection') === 'close') {
      connection.destroy();
      this.#connections.delete(name);
    }
    return answer && comparable(answer, (text) => this.#plain(name, text));
  }

  /** Replaces versions by their number, as each twin has versions of its own. */
  #plain(name: 'a' | 'b', text: string): string {
    const seen = this.#versions[name];
    return text.replaceAll('twin_b', 'twin_a').replaceAll(VERSION, (version) => {
      const number = seen.get(version) ?? seen.size;
      seen.set(version, number);
      return `version ${number}`;
    });
  }
}

function comparable({ status, headers, body }: WireResponse, plain: (text: string) => string): Comparable {
  const text = body.toString('latin1');
  const withoutSystem = text.replace(/"System":\{[^}]*\}/, '"System":{}');
  const left = [...headers].filter(
    ([name]) =>
      !['date', 'x-request-id'].includes(name) &&
      // A body that HEAD omits has the member `System`, whose length varies.
      (name !== 'content-length' || (text !== '' && text === withoutSystem)),
  );
  return { status, headers: left.map(([name, value]) => [name, plain(value)] as const), body: plain(withoutSystem) };
}

function isMatch(match: (target: string) => unknown, target: string): boolean {
  try {
    return match(normalizeTarget(target)) !== undefined;
  } catch {
    return false;
  }
}

function addressOf(server: AnyServer): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
