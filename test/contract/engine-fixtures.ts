import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../src/application/ports/logger.js';
import type { Store } from '../../src/application/ports/store.js';
import { type EngineName, engines } from '../../src/infrastructure/storage/engines/registry.js';
import type { StoreFixture } from './store-fixture.js';

interface EngineFixture {
  readonly durable: boolean;
  /** `storage.options` to test with. */
  readonly options?: object;
}

/** One line for every engine, which the compiler demands. */
export const ENGINE_FIXTURES: Readonly<Record<EngineName, EngineFixture>> = {
  directory: { durable: true },
  // Folds whenever the journal is larger than the file.
  'json-file': { durable: true, options: { journal_bytes: 1 } },
  lmdb: { durable: true },
  memory: { durable: false },
};

/** The fixture of an engine for the contract suite: stores in a folder of their own. */
export function engineFixture(name: EngineName): StoreFixture {
  return {
    name,
    durable: ENGINE_FIXTURES[name].durable,
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
export async function createEngineStore(name: EngineName, folder: string): Promise<void> {
  const { engine, options, place } = await load(name, folder);
  await engine.create(place, options);
}

/** Opens the store in the folder. */
export async function openEngineStore(name: EngineName, folder: string, log: Logger = silent): Promise<Store> {
  const { engine, options, place } = await load(name, folder);
  return engine.open(place, options, log);
}

async function load(name: EngineName, folder: string) {
  const engine = await engines[name]?.();
  if (engine === undefined) throw new Error(`no engine ${name}`);
  const options = Object.assign(new engine.Options(), ENGINE_FIXTURES[name].options);
  return { engine, options, place: { folder, name: 'project' } };
}

const nothing = () => undefined;
const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
