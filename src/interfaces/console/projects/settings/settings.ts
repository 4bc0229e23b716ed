import type { components } from '#openapi';

/** Settings with the member names of the API. */
export type Settings = Readonly<Record<string, unknown>>;

/** Members that the server replaces as a whole. */
const REPLACED_WHOLE = new Set(['options', 'encryption', 'value_schema']);

/** What can be changed here: not the id, not the keys, and not what follows the engine. */
export function editableOf(project: components['schemas']['Project']): Settings {
  const { id: _, authentication: __, durability: ___, storage, ...rest } = project;
  const { on_disk: ____, ...editable } = storage;
  return { storage: editable, ...rest };
}

/** The changes that make `after` of `before`, as the API takes them: null for what is taken out. */
export function patchOf(before: Settings, after: Settings): Settings {
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    if (now === undefined) patch[name] = null;
    else if (isObject(old) && isObject(now) && !REPLACED_WHOLE.has(name)) patch[name] = patchOf(old, now);
    else patch[name] = now;
  }
  return patch;
}

export function isObject(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why a text is no JSON object; undefined if it is one. */
export function objectProblem(text: string): string | undefined {
  try {
    return isObject(JSON.parse(text)) ? undefined : 'This must be an object: { … }';
  } catch (error) {
    return (error as Error).message.replace(/ in JSON/, '').replace(/, "?[\s\S]*" is not valid JSON$/, '');
  }
}
