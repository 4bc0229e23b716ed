import type { KeyValueStore } from '../key-value-store/key-value-store.js';
import type { PutEntry } from '../key-value-store/values.js';
import { hasMany } from './has-many.js';
import { nameOf, storedKey } from './stored-key.js';

export interface KeyvStoreOptions {
  /** What all keys begin with, so that `clear` leaves other entries alone. */
  readonly prefix?: string | undefined;
}

interface KeyvEntry {
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds. */
  readonly ttl?: number | undefined;
}

/**
 * A storage adapter of Keyv. It does not close the store. Strings and bytes are stored as they are, anything else as
 * JSON. Keys that are too long are hashed. Methods reject if the store does; `get`, whose error Keyv drops, also emits
 * it.
 */
export class KeyvStore {
  /** Set by Keyv, which puts it and a colon before keys. */
  namespace: string | undefined;
  /** Keyv has `iterator` only for dialects that it knows. */
  // biome-ignore lint/suspicious/noExplicitAny: as Keyv declares it
  readonly opts: any = { dialect: 'redis', url: '' };
  readonly #store: KeyValueStore;
  readonly #prefix: string;
  readonly #listeners: ((error: unknown) => void)[] = [];

  constructor(store: KeyValueStore, { prefix = '' }: KeyvStoreOptions = {}) {
    this.#store = store;
    this.#prefix = prefix;
  }

  on(event: string, listener: (...args: never[]) => void): this {
    if (event === 'error') this.#listeners.push(listener as (error: unknown) => void);
    return this;
  }

  async get<V>(key: string): Promise<V | undefined> {
    try {
      return (await this.#store.get(await this.#key(key)))?.value as V | undefined;
    } catch (error) {
      for (const listener of this.#listeners) listener(error);
      throw error;
    }
  }

  async getMany<V>(keys: string[]): Promise<(V | undefined)[]> {
    const found = await this.#store.getMany(await this.#keys(keys));
    return found.map((entry) => entry?.value as V | undefined);
  }

  async set(key: string, value: unknown, ttl?: number): Promise<void> {
    const { key: stored, value: kept, ...options } = await this.#entry({ key, value, ttl });
    await this.#store.put(stored, kept as string, options);
  }

  /** Keyv passes what this returns to its caller, as booleans, although its type of adapters has no result here. */
  async setMany(values: KeyvEntry[]): Promise<undefined> {
    await this.#store.putMany(await Promise.all(values.map((entry) => this.#entry(entry))));
    return values.map(() => true) as unknown as undefined;
  }

  async delete(key: string): Promise<boolean> {
    return this.#store.delete(await this.#key(key));
  }

  /** Returns whether all of them existed. */
  async deleteMany(keys: string[]): Promise<boolean> {
    return (await this.#store.deleteMany(await this.#keys(keys))).every(Boolean);
  }

  async has(key: string): Promise<boolean> {
    return this.#store.has(await this.#key(key));
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return hasMany(this.#store, await this.#keys(keys));
  }

  async clear(): Promise<void> {
    await this.#store.clear({ prefix: this.#prefixOf(this.namespace) });
  }

  /** Leaves out keys of more than about 1,000 bytes: their hashes do not say what they were. */
  async *iterator<V>(namespace?: string): AsyncGenerator<[key: string, value: V], void> {
    for await (const { key, value, meta } of this.#store.list({ prefix: this.#prefixOf(namespace) })) {
      const name = nameOf(this.#prefix, key, meta);
      if (name !== undefined) yield [name, value as V];
    }
  }

  async #entry({ key: name, value, ttl }: KeyvEntry): Promise<PutEntry<unknown>> {
    // A time that is over already is none for the store, but one for Keyv.
    const expiry = ttl === undefined ? {} : { ttl: Math.max(ttl, 1) / 1000 };
    const as = typeof value === 'string' ? 'text' : 'json';
    return { ...(await storedKey(this.#prefix, name)), value, as, ...expiry };
  }

  async #key(name: string): Promise<string> {
    return (await storedKey(this.#prefix, name)).key;
  }

  #keys(names: string[]): Promise<string[]> {
    return Promise.all(names.map((name) => this.#key(name)));
  }

  #prefixOf(namespace: string | undefined): string {
    return namespace === undefined ? this.#prefix : `${this.#prefix}${namespace}:`;
  }
}
