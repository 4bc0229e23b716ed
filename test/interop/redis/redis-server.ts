import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Server } from '../server.ts';

export const ENGINES = ['memory', 'json-file', 'directory', 'lmdb'] as const;
export const KEY = 'k';
const SYSTEM_KEY = 'a-system-key';

/** A server that speaks the Redis protocol, with a project for each engine, whose key is `KEY`. */
export class RedisServer {
  #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Options are those of the transport. */
  static async start(options: object = {}): Promise<RedisServer> {
    return new RedisServer(await Server.start(configOf(options)));
  }

  get port(): number {
    return Number(new URL(this.#server.other).port);
  }

  /** What a client of a project connects to. */
  url(project: string): string {
    return `redis://${project}:${KEY}@127.0.0.1:${this.port}`;
  }

  /** Ends it and starts it again, with the same data at the same port. */
  async restart(): Promise<void> {
    const { port } = this;
    await this.#server.end();
    const { folder } = this.#server;
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    this.#server = await Server.start({ ...config, transports: [{ kind: 'redis', port }] }, process.execPath, folder);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async changeEngine(project: string, engine: string): Promise<void> {
    const body = JSON.stringify({ storage: { engine } });
    const send = () => this.#fetch(`projects/${project}`, SYSTEM_KEY, { method: 'PUT', body });
    let response = await send();
    // The change before it is not over yet.
    while (response.status === 409) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      response = await send();
    }
    if (!response.ok) throw new Error(await response.text());
    while ((await this.engineOf(project)) !== engine) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async engineOf(project: string): Promise<string> {
    const response = await this.#fetch(`projects/${project}`, SYSTEM_KEY);
    return (await response.json()).data.storage.engine;
  }

  #fetch(path: string, key: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return fetch(`${this.#server.address}/api/v1/${path}`, { headers, ...init });
  }
}

function configOf(options: object): object {
  return {
    system: { authentication: { api_key: SYSTEM_KEY } },
    transports: [{ kind: 'redis', port: 0, ...options }],
    projects: ENGINES.map((id) => ({ id, storage: { engine: id }, authentication: { api_key: KEY } })),
  };
}
