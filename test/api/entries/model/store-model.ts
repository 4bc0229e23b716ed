/** An entry of the model of a project, which the real project is compared with. Times in ms. */
export interface ModelEntry {
  readonly value: string;
  readonly type: string;
  readonly version: string;
  readonly created: number;
  readonly updated: number;
  readonly expires: number | undefined;
  readonly meta: string | undefined;
}

export type Expiry = { ttl: number } | { at: number } | 'keep' | 'never';

export type ModelOperation =
  | { do: 'get' | 'delete'; key: string }
  | { do: 'put'; key: string; value: string; type: string; expiry: Expiry; meta: string | 'keep' | undefined }
  | { do: 'increment'; key: string; by: number }
  | { do: 'append'; key: string; value: string; type: string }
  | { do: 'merge'; key: string; patch: unknown }
  | { do: 'touch'; key: string; ttl: number | null };

/** The entry to be written, which gets its version from the server; or the status of a refusal. */
export type ModelOutcome = Omit<ModelEntry, 'version'> | 'gone' | 'same' | 404 | 422;

export class StoreModel {
  readonly #entries = new Map<string, ModelEntry>();
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  get(key: string): ModelEntry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || (entry.expires !== undefined && entry.expires <= this.now) ? undefined : entry;
  }

  keys(prefix = ''): string[] {
    const keys = [...this.#entries.keys()].filter((key) => this.get(key) !== undefined && key.startsWith(prefix));
    return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  set(key: string, entry: ModelEntry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  outcome(operation: ModelOperation): ModelOutcome {
    const { key } = operation;
    const before = this.get(key);
    const written = (value: string, type: string, expires: number | undefined) => ({
      value,
      type,
      meta: before?.meta,
      created: before?.created ?? this.now,
      updated: this.now,
      expires,
    });
    switch (operation.do) {
      case 'get':
        return 'same';
      case 'delete':
        return before === undefined ? 'same' : 'gone';
      case 'put':
        return {
          ...written(operation.value, operation.type, this.#expires(operation.expiry, before)),
          meta: operation.meta === 'keep' ? before?.meta : operation.meta,
        };
      case 'increment':
        if (before !== undefined && !/^\s*-?(0|[1-9]\d*)\s*$/.test(before.value)) return 422;
        return written(
          String(BigInt(before?.value ?? 0) + BigInt(operation.by)),
          before?.type ?? 'application/json',
          before?.expires,
        );
      case 'append':
        return written((before?.value ?? '') + operation.value, before?.type ?? operation.type, before?.expires);
      case 'merge': {
        if (before === undefined) return 404;
        const target = parsed(before.value);
        if (target === undefined) return 422;
        const type = before.type.includes('json') ? before.type : 'application/json';
        return written(JSON.stringify(merged(target, operation.patch)), type, before.expires);
      }
      case 'touch':
        if (before === undefined) return 404;
        return written(before.value, before.type, operation.ttl === null ? undefined : this.now + operation.ttl);
    }
  }

  #expires(expiry: Expiry, before: ModelEntry | undefined): number | undefined {
    if (expiry === 'never') return undefined;
    if (expiry === 'keep') return before?.expires;
    return 'ttl' in expiry ? this.now + expiry.ttl : expiry.at;
  }
}

/** The text as JSON; undefined if it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, merged(members.get(name), value));
  }
  return Object.fromEntries(members);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
