import { AppError } from '../../domain/errors.js';
import type { Engine } from '../storage/engines/engine.js';
import { engineLoader, engineNames } from '../storage/engines/registry.js';
import { type Checked, checkSettings, memberPath, type Problem, problemWith } from '../validation/check-settings.js';
import type { StorageSettings } from './settings/storage-settings.js';

/** The engines that Simple-PyKV's `on_disk` stands for; `json-file` also if no engine is set at all. */
export const ON_DISK_ENGINE = 'json-file';
export const IN_MEMORY_ENGINE = 'memory';

/** The name of the engine that the settings select. */
export function engineOf(storage: Pick<StorageSettings, 'engine' | 'on_disk'>): string {
  return storage.engine ?? (storage.on_disk === false ? IN_MEMORY_ENGINE : ON_DISK_ENGINE);
}

/** The mistakes in settings of storage; `options` has the options in the settings that the engine knows. */
type CheckedStorage = Omit<Checked<unknown>, 'value'> & { readonly options?: Record<string, unknown> };

/** Checks that the engine exists, and its options against the engine's own class. */
export async function checkStorage(storage: StorageSettings, path: string): Promise<CheckedStorage> {
  const name = engineOf(storage);
  const load = engineLoader(name);
  if (load === undefined) return { problems: [unknownEngine(name, memberPath(path, 'engine'))], unknown: [] };
  const engine = await load().catch((error: unknown) => error);
  if (engine instanceof AppError) throw engine;
  if (!isEngine(engine)) {
    const why = engine instanceof Error ? `: ${engine.message}` : '';
    const message = problemWith('', name, `exports no engine${why}`);
    return { problems: [{ path: memberPath(path, 'engine'), message }], unknown: [] };
  }
  const { Options } = engine;
  const options = storage.options;
  const { value, ...mistakes } = checkSettings(Options, options ?? {}, memberPath(path, 'options'));
  if (options === undefined) return mistakes;
  // Without the defaults: if a later version had others, it would look as if the client wanted to move the data.
  const known = Object.entries(value).filter(([member]) => Object.hasOwn(options, member));
  return { ...mistakes, options: Object.fromEntries(known) };
}

function unknownEngine(name: string, path: string): Problem {
  return { path, message: problemWith(path, name, `is no engine; known: ${engineNames.join(', ')}`) };
}

/** Whether it has what every engine has, and its abilities have what belongs to them. */
function isEngine(found: unknown): found is Engine {
  const { Options, open, create, remove, localFiles, server, maintenance } = (found ?? {}) as Partial<Engine>;
  const members: unknown[] = [Options, open, create, remove];
  if (localFiles !== undefined) members.push(localFiles.paths, localFiles.openReadOnly);
  if (server !== undefined) members.push(server.durability, server.fence, server.fencedBy, server.unfence);
  if (maintenance !== undefined) members.push(maintenance.inspect);
  return members.every((member) => typeof member === 'function');
}
