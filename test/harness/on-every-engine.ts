import type { Clock } from '../../src/application/ports/clock.js';
import type { EngineName } from '../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES } from '../contract/engine-fixtures.js';
import { type Answer, type Sent, send } from './http-client.js';
import { TestServer } from './test-server.js';

/** The time, which a test can move, in ms. */
export class MovableClock implements Clock {
  shift = 0;
  /** Stands still here where it is set. */
  at: number | undefined;

  now(): number {
    return (this.at ?? Date.now()) + this.shift;
  }
}

/** A project of its own on the server under test. */
export class Space {
  constructor(
    readonly server: TestServer,
    readonly id: string,
    readonly key: string,
  ) {}

  /** `path` counts from the project's. */
  send(method: string, path: string, { headers, ...rest }: Sent = {}): Promise<Answer> {
    const authorized = { authorization: `Bearer ${this.key}`, ...headers };
    return send(this.server.address, method, `/api/v1/projects/${this.id}/${path}`, { ...rest, headers: authorized });
  }

  put(key: string, body: string | Uint8Array, headers: Record<string, string> = {}, query = ''): Promise<Answer> {
    return this.send('PUT', `values/${encodeURIComponent(key)}${query}`, { body, headers });
  }

  get(key: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', `values/${encodeURIComponent(key)}`, { headers });
  }

  run(transaction: object | string): Promise<Answer> {
    const body = typeof transaction === 'string' ? transaction : JSON.stringify(transaction);
    return this.send('POST', 'transactions', { body, headers: { 'content-type': 'application/json' } });
  }

  /** Changes the project's settings. */
  async configure(settings: object): Promise<void> {
    const { status, text } = await send(this.server.address, 'PUT', `/api/v1/projects/${this.id}`, {
      body: JSON.stringify(settings),
      headers: { authorization: `Bearer ${this.server.systemKey}` },
    });
    if (status !== 200) throw new Error(text);
  }
}

/** What tests on one engine have at hand. */
export interface OnEngine {
  readonly name: string;
  readonly durable: boolean;
  readonly clock: MovableClock;
  readonly server: TestServer;
  /** A new project. */
  space(settings?: object): Promise<Space>;
}

/** Declares the tests once for every engine, each with a server of its own. */
export function onEveryEngine(title: string, declare: (on: OnEngine) => void): void {
  for (const name of Object.keys(ENGINE_FIXTURES) as EngineName[]) {
    describe(`${title}, on engine ${name}`, () => {
      const clock = new MovableClock();
      let server: TestServer;
      let count = 0;
      before(async () => {
        server = await TestServer.start(clock);
      });
      after(() => server.stop());
      declare({
        name,
        durable: ENGINE_FIXTURES[name].durable,
        clock,
        get server() {
          return server;
        },
        space: async (settings = {}) => {
          count += 1;
          const id = `p${count}`;
          return new Space(server, id, await server.project(id, { storage: { engine: name }, ...settings }));
        },
      });
    });
  }
}
