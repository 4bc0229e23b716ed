import { type HttpResponse, type RequestOptions, send } from '../../harness/http-client.js';
import { RegistryProcess } from '../registry/registry-process.js';
import type { SharedStore, StorePath } from './shared-store.js';

/** How long a request may take before its outcome counts as unknown, in ms. */
const PATIENCE = 15_000;

/** One server with its way to the store. */
export interface GroupMember {
  readonly server: RegistryProcess;
  readonly path: StorePath;
}

/** Servers that share a registry and their data; each request goes to one of them at random. */
export class ServerGroup {
  /** The API keys of the projects. */
  readonly keys = new Map<string, string>();

  private constructor(
    readonly members: readonly GroupMember[],
    readonly systemKey: string,
    private readonly engine: string,
    private readonly random: () => number,
    private readonly timeout: number,
  ) {}

  /** `environments` has variables for each server; `timeout` is that of projects, in seconds. */
  static async start(
    engine: string,
    store: SharedStore,
    random: () => number,
    environments: readonly Readonly<Record<string, string>>[],
    timeout = 5,
  ): Promise<ServerGroup> {
    const members: GroupMember[] = [];
    try {
      for (const environment of environments) {
        const path = await store.path();
        // The settings of projects are those of all servers, so each way has to be in the environment.
        const variables = Object.entries({ ...environment, STORE_URL: path.url }).map(([name, it]) => `${name}=${it}`);
        const registry = { engine, options: { url: path.url } };
        members.push({ server: await RegistryProcess.start(registry, {}, ['env', ...variables]), path });
      }
    } catch (error) {
      await Promise.all(members.map(({ server }) => server.remove()));
      throw error;
    }
    const systemKey = members[0]?.server.portkv.printed('SYSTEM_KEY') ?? '';
    return new ServerGroup(members, systemKey, engine, random, timeout);
  }

  /** Makes a project on the store. */
  async project(id: string, settings: object = {}): Promise<void> {
    const storage = { engine: this.engine, options: { url_env: 'STORE_URL', timeout: this.timeout } };
    const { server } = this.members[0] as GroupMember;
    const { status, text, data } = await server.call('POST', '', this.systemKey, { id, storage, ...settings });
    if (status !== 201) throw new Error(text);
    this.keys.set(id, data.new_api_key);
  }

  send(method: string, path: string, sent: RequestOptions = {}): Promise<HttpResponse> {
    const { server } = this.members[Math.floor(this.random() * this.members.length)] as GroupMember;
    return this.sendTo(server, method, path, sent);
  }

  async sendTo(server: RegistryProcess, method: string, path: string, sent: RequestOptions): Promise<HttpResponse> {
    const key = this.keys.get(path.split('/')[0] ?? '') ?? this.systemKey;
    const headers = { authorization: `Bearer ${key}`, ...sent.headers };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${method} ${path}: no answer`)), PATIENCE);
    });
    const answer = send(server.address, method, `/api/v1/projects/${path}`, { ...sent, headers });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  async remove(): Promise<void> {
    await Promise.all(this.members.map(({ server }) => server.remove()));
  }
}
