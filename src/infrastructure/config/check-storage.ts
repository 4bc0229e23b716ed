import type { Engine } from '../storage/engines/engine.js';
import { engineLoader } from '../storage/engines/registry.js';
import { type Checked, checkSettings, memberPath, type Problem, problemWith } from '../validation/check-settings.js';
import type { StorageSettings } from './settings/storage-settings.js';

/** Every engine by name, as in `engines/registry.ts`. */
export type Engines = Readonly<Record<string, () => Promise<Engine>>>;

/** Simple-PyKV's `on_disk` in engines; `json-file` also where nothing is said. */
export const ON_DISK_ENGINE = 'json-file';
export const IN_MEMORY_ENGINE = 'memory';

/** The engine that the settings ask for. */
export function engineOf(storage: Pick<StorageSettings, 'engine' | 'on_disk'>): string {
  return storage.engine ?? (storage.on_disk === false ? IN_MEMORY_ENGINE : ON_DISK_ENGINE);
}

/** What was found in settings of storage; `options` are those given that the engine knows. */
type CheckedStorage = Omit<Checked<unknown>, 'value'> & { readonly options?: Record<string, unknown> };

/** Whether the engine exists and its own class finds its options right. */
export async function checkStorage(storage: StorageSettings, path: string, engines: Engines): Promise<CheckedStorage> {
  const name = engineOf(storage);
  const load = engineLoader(name, engines);
  if (load === undefined) return { problems: [noEngine(name, memberPath(path, 'engine'), engines)], unknown: [] };
  const engine = await load().catch((error: unknown) => error);
  if (!isEngine(engine)) {
    const why = engine instanceof Error ? `: ${engine.message}` : '';
    const message = problemWith('', name, `exports no engine${why}`);
    return { problems: [{ path: memberPath(path, 'engine'), message }], unknown: [] };
  }
  const { Options } = engine;
  const given = storage.options;
  const { value, ...found } = checkSettings(Options, given ?? {}, memberPath(path, 'options'));
  if (given === undefined) return found;
  // Without the defaults: a later version that has others must not look like a wish to move the data.
  const known = Object.entries(value).filter(([member]) => Object.hasOwn(given, member));
  return { ...found, options: Object.fromEntries(known) };
}

function noEngine(name: string, path: string, engines: Engines): Problem {
  const known = Object.keys(engines).sort().join(', ');
  return { path, message: problemWith(path, name, `is no engine; known: ${known}`) };
}

/** Whether it has what every engine has, and its abilities have what belongs to them. */
function isEngine(found: unknown): found is Engine {
  const { Options, open, create, remove, localFiles, maintenance } = (found ?? {}) as Partial<Engine>;
  const members: unknown[] = [Options, open, create, remove];
  if (localFiles !== undefined) members.push(localFiles.paths, localFiles.openReadOnly);
  if (maintenance !== undefined) members.push(maintenance.inspect);
  return members.every((member) => typeof member === 'function');
}
