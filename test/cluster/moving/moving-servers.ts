import { expect } from 'chai';
import { remoteEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { RegistryProcess } from '../registry/registry-process.js';
import { REMOTE_ENGINES, type RemoteServer } from '../remote-engines.js';

const missing = await Promise.all(remoteEngineNames.map((name) => REMOTE_ENGINES[name].missing()));
/** Why these tests cannot run here; undefined if they can. */
export const reason = missing.find((one) => one !== undefined);
export const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

/** Servers that share a registry on etcd, with a server of each kind for the data. */
export class MovingServers {
  readonly #places = new Map<string, RemoteServer>();
  servers: RegistryProcess[] = [];
  system = '';

  /** `modules` are loaded before each of the servers, if they are not empty; their paths are relative to this one. */
  static async start(modules: readonly string[]): Promise<MovingServers> {
    const all = new MovingServers();
    for (const name of remoteEngineNames) all.#places.set(name, await REMOTE_ENGINES[name].start());
    const registry = { engine: 'etcd', options: { url: (all.storageOf('etcd').options as { url: string }).url } };
    for (const [i, module] of modules.entries()) {
      const path = new URL(module, import.meta.url).href;
      const prefix = module === '' ? [] : ['env', `NODE_OPTIONS=--import=${path}`];
      all.servers.push(await RegistryProcess.start(registry, { node: { id: `server-${i}` } }, prefix));
    }
    all.system = all.servers[0]?.portkv.printed('SYSTEM_KEY') ?? '';
    return all;
  }

  storageOf(engine: string): { engine: string; options: object } {
    return { engine, options: this.#places.get(engine)?.options ?? {} };
  }

  /** Makes a project. Returns its key. */
  async create(id: string, engine: string): Promise<string> {
    const made = await this.servers[0]?.call('POST', '', this.system, { id, storage: this.storageOf(engine) });
    expect(made?.status, made?.text).to.equal(201);
    return made?.data.new_api_key;
  }

  async fill(project: string, key: string, count: number): Promise<void> {
    for (let at = 0; at < count; at += 100) {
      const operations = Array.from({ length: 100 }, (_, i) => ({ put: { key: `filled/${at + i}`, text: 'x' } }));
      const done = await this.servers[0]?.call('POST', `${project}/transactions`, key, { operations });
      expect(done?.status, done?.text).to.equal(200);
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.remove()));
    for (const place of this.#places.values()) await place.remove();
  }
}
