import type { Project } from '../../domain/project.js';
import { isObject } from '../validation/check-settings.js';
import { valueAt } from './config-paths.js';
import type { Edit } from './json-editor.js';

type Members = Record<string, unknown>;

/** Replaced as they are instead of merged member by member. */
const WHOLE = new Set(['options', 'encryption', 'value_schema']);

/** Members of `storage` that may be missing. */
const OPTIONAL = ['options', 'encryption', 'snapshots', 'keep_old_for'];

/** A project's settings with a client's changes in, not checked yet. */
export function mergeSettings(project: Project, changes: Members): Members {
  const { id: _, authentication: __, storage, ...rest } = project;
  const { on_disk: ___, ...current } = storage;
  const merged = merge({ storage: current, ...rest }, changes, []);
  if (isObject(changes.storage) && isObject(merged.storage)) {
    merged.storage = storageAfter(project, changes.storage, merged.storage);
  }
  return merged;
}

/** What of the changes has to be written at the project's path in `config`; `after` is the project that they lead to. */
export function editsOf(changes: Members, after: Project, path: readonly (string | number)[], config: unknown): Edit[] {
  const { storage, ...others } = changes;
  const leaves = leavesOf(others, []);
  if (storage !== undefined) leaves.push(...['engine', 'on_disk', ...OPTIONAL].map((member) => ['storage', member]));
  return leaves.flatMap((leaf) => {
    const at = [...path, ...leaf];
    const value = valueAt(after, leaf);
    const stored = valueAt(config, at);
    const absent = stored === undefined && (value === undefined || leaf[1] === 'on_disk');
    return absent || value === stored ? [] : [{ path: at, value }];
  });
}

/** `on_disk` asks for an engine where none is named; one that keeps data on disk already is left in place. */
function storageAfter(project: Project, change: Members, merged: Members): Members {
  const { engine, on_disk } = project.storage;
  const after = { ...merged };
  if (change.engine === undefined && typeof change.on_disk === 'boolean' && change.on_disk !== on_disk) {
    delete after.engine;
  }
  const same = change.engine === undefined ? Object.hasOwn(after, 'engine') : change.engine === engine;
  if (!same && change.options === undefined) delete after.options;
  return after;
}

function merge(into: Members, changes: Members, path: readonly string[]): Members {
  const merged = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(changes)) {
    const at = [...path, name];
    const before = merged.get(name);
    if (value === null && isRemovable(at)) merged.delete(name);
    else if (!isObject(value) || WHOLE.has(name)) merged.set(name, value);
    else merged.set(name, merge(isObject(before) ? before : {}, value, at));
  }
  return Object.fromEntries(merged);
}

function isRemovable([section, member]: readonly string[]): boolean {
  if (section === 'storage') return OPTIONAL.includes(member ?? '');
  return section === 'limits' || section === 'cors';
}

function leavesOf(changes: Members, path: readonly string[]): string[][] {
  return Object.entries(changes).flatMap(([name, value]) => {
    const at = [...path, name];
    return isObject(value) && !WHOLE.has(name) ? leavesOf(value, at) : [at];
  });
}
