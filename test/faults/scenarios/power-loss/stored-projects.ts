import { dirname, join } from 'node:path';
import { belowEncryption, encryptedLayer } from '../../../../src/application/lifecycle/store-stack.js';
import type { Store } from '../../../../src/application/ports/store.js';
import { ConfigFile } from '../../../../src/infrastructure/config/config-file.js';
import { loadConfig } from '../../../../src/infrastructure/config/load-config.js';
import { Argon2Hasher } from '../../../../src/infrastructure/security/argon2-hasher.js';
import { ConfiguredCiphers } from '../../../../src/infrastructure/security/configured-ciphers.js';
import { StorePool } from '../../../../src/infrastructure/storage/on-demand/store-pool.js';
import { LocalProjectStorages } from '../../../../src/infrastructure/storage/placement/local-project-storages.js';
import { entry } from '../../../contract/store-fixture.js';

const nothing = () => undefined;
const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing };

/** The content of every project of a configuration, by key. Rejects if one cannot be opened and written. */
export async function readStoredProjects(config: string): Promise<Record<string, Record<string, string>>> {
  const file = new ConfigFile(config);
  const loaded = await loadConfig(file, new Argon2Hasher());
  if (loaded === undefined) throw new Error(`${config} is missing`);
  const folder = join(dirname(config), 'storage_data');
  const all: Record<string, Record<string, string>> = {};
  for (const { id } of loaded.settings.projects) {
    const ciphers = new ConfiguredCiphers(dirname(config));
    const space = { requireFor: async () => undefined };
    const pool = new StorePool({ maxOpen: 1, idleAfter: 60_000 });
    const storage = new LocalProjectStorages({ folder, ciphers, log: silent, space, pool }).of(id);
    if (!(await storage.load())) throw new Error(`${id} has no placement`);
    const listener = { changed: nothing, overflowed: nothing, setPoller: nothing, isWatched: () => false };
    const store = encryptedLayer(await storage.open(belowEncryption(listener)));
    try {
      all[id] = await contentOf(store);
      if (!(await store.commit({ put: [entry('another', 'write')] }))) throw new Error(`${id} refuses a write`);
    } finally {
      await store.close();
    }
  }
  return all;
}

async function contentOf(store: Store): Promise<Record<string, string>> {
  const entries = await store.scan({ limit: 10_000 });
  const { keys } = await store.size();
  if (keys !== entries.length) throw new Error(`the size says ${keys} keys, there are ${entries.length}`);
  return Object.fromEntries(entries.map(({ key, value }) => [key, Buffer.from(value).toString()]));
}
