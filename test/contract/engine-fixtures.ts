import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../src/application/ports/logger.js';
import type { Store } from '../../src/application/ports/store.js';
import { engineNamed, type LocalEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import type { StoreFixture } from './store-fixture.js';

interface EngineFixture {
  readonly durable: boolean;
  /** `storage.options` to test with. */
  readonly options?: object;
}

/**
 * One line for every engine that keeps data here; the compiler refuses to miss one. Those on servers are in
 * `test/cluster/`.
 */
export const ENGINE_FIXTURES: Readonly<Record<LocalEngineName, EngineFixture>> = {
  directory: { durable: true },
  // The journal is folded whenever it is larger than the file, and its segments are small.
  'json-file': { durable: true, options: { journal_bytes: 1, segment_bytes: 32 * 1024 } },
  // Some writes are pending while others are copied into LMDB.
  lmdb: { durable: true, options: { journal_bytes: 4096, segment_bytes: 32 * 1024 } },
  memory: { durable: false },
};

/** The fixture of an engine for the contract suite. Each store is in a folder of its own. */
export function engineFixture(name: LocalEngineName): StoreFixture {
  return {
    name,
    durable: ENGINE_FIXTURES[name].durable,
    severalNodes: name === 'memory' ? 'it is in the memory of one process' : 'its files belong to one process',
    async begin() {
      const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      await createEngineStore(name, folder);
      return {
        open: () => openEngineStore(name, folder),
        dispose: () => rm(folder, { recursive: true, force: true }),
      };
    },
  };
}

/** Makes an empty store in the folder. */
export async function createEngineStore(name: LocalEngineName, folder: string): Promise<void> {
  const { engine, options, location } = await load(name, folder);
  await engine.create(location, options);
}

/** Opens the store in the folder. */
export async function openEngineStore(name: LocalEngineName, folder: string, log: Logger = silent): Promise<Store> {
  const { engine, options, location } = await load(name, folder);
  return engine.open(location, options, log);
}

async function load(name: LocalEngineName, folder: string) {
  const engine = await engineNamed(name);
  const options = Object.assign(new engine.Options(), ENGINE_FIXTURES[name].options);
  return { engine, options, location: { project: 'project', generation: 1, folder } };
}

const nothing = () => undefined;
const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
