import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/application/ports/clock.js';
import { type RunningServer, startServer } from '../../src/composition/start-server.js';
import { type HttpLimits, httpLimits } from '../../src/interfaces/rest/connection/http-limits.js';

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined if the body is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface CallOptions {
  readonly key?: string | undefined;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

/** A real server on a free port with a folder of its own. */
export class TestServer {
  private constructor(
    readonly folder: string,
    private running: RunningServer,
    readonly systemKey: string,
    readonly projectKey: string,
    private readonly clock: Clock | undefined,
    private readonly limits: HttpLimits,
  ) {}

  /**
   * The configuration that the first server of this process wrote, and its keys. The next servers start with it:
   * the hashes of new keys take longer than the rest of a start.
   */
  static #first: { readonly config: string; readonly system: string; readonly project: string } | undefined;

  /** `limits` replace those of a real server. */
  static async start(clock?: Clock, limits: Partial<HttpLimits> = {}): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const file = join(folder, 'config.json');
    const first = TestServer.#first;
    if (first !== undefined) await writeFile(file, first.config, { mode: 0o600 });
    const all = { ...httpLimits, ...limits };
    const running = await TestServer.run(folder, clock, all);
    const { system = '', project = '' } = first ?? running.firstKeys ?? {};
    TestServer.#first ??= { config: await withoutInstallation(file), system, project };
    return new TestServer(folder, running, system, project, clock, all);
  }

  private static run(folder: string, clock: Clock | undefined, limits: HttpLimits): Promise<RunningServer> {
    return startServer({ config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'error' }, 'test', {
      ...(clock === undefined ? {} : { clock }),
      limits,
    });
  }

  get address(): string {
    return this.running.address;
  }

  /** Stops the server, runs `between`, and starts it again on the same folder. */
  async restart(between?: () => Promise<void>): Promise<void> {
    await this.running.stop();
    await between?.();
    this.running = await TestServer.run(this.folder, this.clock, this.limits);
  }

  /** Restarts with these members of `system` in the configuration. */
  async configure(system: object): Promise<void> {
    const file = join(this.folder, 'config.json');
    await this.restart(async () => {
      const config = JSON.parse(await readFile(file, 'utf8')) as { system: object };
      await writeFile(file, JSON.stringify({ ...config, system: { ...config.system, ...system } }));
    });
  }

  async stop(graceMs?: number): Promise<void> {
    await this.running.stop(graceMs);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The path is absolute or, without a leading slash, relative to `/api/v1/projects/`. */
  async call(method: string, path: string, { key, body, headers = {} }: CallOptions = {}): Promise<TestResponse> {
    const url = path.startsWith('/') ? this.address + path : `${this.address}/api/v1/projects/${path}`;
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(body === undefined ? {} : { body: body as string }),
    });
    const text = await response.text();
    let json: TestResponse['json'];
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  /** Creates a project and returns its API key. */
  async project(id: string, settings: object = {}): Promise<string> {
    const body = JSON.stringify({ id, ...settings });
    const { status, text, json } = await this.call('POST', '/api/v1/projects', { key: this.systemKey, body });
    if (status !== 201) throw new Error(text);
    return json.data?.new_api_key;
  }
}

/** The text of a configuration that can be used with another data folder. */
async function withoutInstallation(file: string): Promise<string> {
  const { system, ...config } = JSON.parse(await readFile(file, 'utf8'));
  const { installation_id: _, ...rest } = system;
  return JSON.stringify({ ...config, system: rest }, null, 2);
}
