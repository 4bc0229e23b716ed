import type { Project } from '../../domain/project.js';
import { isObject } from '../validation/check-settings.js';
import { valueAt } from './config-file.js';
import { type Edit, editsTo } from './json/json-editor.js';

type PlainSettings = Record<string, unknown>;

/** Members that are replaced as a whole instead of merged member by member. */
const REPLACED_WHOLE = new Set(['options', 'encryption', 'value_schema']);

/** Members of `storage` that a project need not have. */
const OPTIONAL = ['options', 'encryption', 'snapshots', 'keep_old_for'];

/** A project's settings merged with the changes of a client. Not checked yet. */
export function mergeSettings(project: Project, changes: PlainSettings): PlainSettings {
  const { id: _, authentication: __, storage, ...rest } = project;
  const { on_disk: ___, ...current } = storage;
  const merged = merge({ storage: current, ...rest }, changes, []);
  if (isObject(changes.storage) && isObject(merged.storage)) {
    merged.storage = storageAfter(project, changes.storage, merged.storage);
  }
  return merged;
}

/** The edits that write the changes at the project's path in `config`; `after` is the project with the changes. */
export function editsOf(
  changes: PlainSettings,
  after: Project,
  path: readonly (string | number)[],
  config: unknown,
): Edit[] {
  const { storage, ...others } = changes;
  const leaves = leavesOf(others, []);
  if (storage !== undefined) leaves.push(...['engine', 'on_disk', ...OPTIONAL].map((member) => ['storage', member]));
  return leaves.flatMap((leaf) => {
    const at = [...path, ...leaf];
    const value = valueAt(after, leaf);
    const stored = valueAt(config, at);
    const stayAbsent = stored === undefined && (value === undefined || leaf[1] === 'on_disk');
    return stayAbsent ? [] : editsTo(at, stored, value);
  });
}

/**
 * If the change names no engine, an `on_disk` that differs selects one, and an `on_disk` that is the same keeps the
 * engine. Another engine starts without the options of the last one.
 */
function storageAfter(project: Project, change: PlainSettings, merged: PlainSettings): PlainSettings {
  const { engine, on_disk } = project.storage;
  const after = { ...merged };
  if (change.engine === undefined && typeof change.on_disk === 'boolean' && change.on_disk !== on_disk) {
    delete after.engine;
  }
  const sameEngine = change.engine === undefined ? Object.hasOwn(after, 'engine') : change.engine === engine;
  if (!sameEngine && change.options === undefined) delete after.options;
  return after;
}

function merge(into: PlainSettings, changes: PlainSettings, path: readonly string[]): PlainSettings {
  const merged = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(changes)) {
    const at = [...path, name];
    const before = merged.get(name);
    if (value === null && isRemovable(at)) merged.delete(name);
    else if (!isObject(value) || REPLACED_WHOLE.has(name)) merged.set(name, value);
    else merged.set(name, merge(isObject(before) ? before : {}, value, at));
  }
  return Object.fromEntries(merged);
}

function isRemovable([section, member]: readonly string[]): boolean {
  if (section === 'storage') return OPTIONAL.includes(member ?? '');
  return section === 'limits' || section === 'cors' || section === 'dialects';
}

function leavesOf(changes: PlainSettings, path: readonly string[]): string[][] {
  return Object.entries(changes).flatMap(([name, value]) => {
    const at = [...path, name];
    return isObject(value) && !REPLACED_WHOLE.has(name) ? leavesOf(value, at) : [at];
  });
}
