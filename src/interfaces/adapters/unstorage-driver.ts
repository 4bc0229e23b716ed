import type { KeyValueStore, StoreChange } from '../key-value-store/key-value-store.js';
import type { PutEntry } from '../key-value-store/values.js';

export interface UnstorageDriverOptions {
  /** What all keys begin with, followed by a colon. */
  readonly base?: string | undefined;
  /** Seconds until an item expires if `setItem` names no `ttl`. */
  readonly ttl?: number | undefined;
  /** Called if a watch ends with an error. `console.error` if it is not given. */
  readonly onWatchError?: ((error: unknown) => void) | undefined;
}

/** `ttl` is in seconds. */
type ItemOptions = { readonly ttl?: number };
type Item = { readonly key: string; readonly value: unknown; readonly options?: ItemOptions };
type ItemMeta = { mtime: Date; birthtime: Date; size: number; ttl?: number };
type WatchCallback = (event: 'update' | 'remove', key: string) => unknown;

/** A driver of unstorage. It does not close the store; `dispose` ends its watches. */
export class UnstorageDriver {
  readonly name = 'portkv';
  readonly flags = { ttl: true };
  readonly options: UnstorageDriverOptions;
  readonly #store: KeyValueStore;
  readonly #prefix: string;
  readonly #disposed = new AbortController();

  constructor(store: KeyValueStore, options: UnstorageDriverOptions = {}) {
    this.options = options;
    this.#store = store;
    const base = options.base?.replace(/:+$/, '') ?? '';
    this.#prefix = base === '' ? '' : `${base}:`;
  }

  // unstorage calls these without `this`.
  readonly getInstance = (): KeyValueStore => this.#store;

  readonly hasItem = (key: string): Promise<boolean> => this.#store.has(this.#prefix + key);

  readonly getItem = async (key: string) =>
    ((await this.#store.get(this.#prefix + key))?.value ?? null) as string | null;

  readonly getItemRaw = (key: string): Promise<unknown> => this.getItem(key);

  readonly getItems = async (items: { readonly key: string }[]) => {
    const found = await this.#store.getMany(items.map(({ key }) => this.#prefix + key));
    return items.map(({ key }, i) => ({ key, value: (found[i]?.value ?? null) as string | null }));
  };

  readonly setItem = async (key: string, value: unknown, options?: ItemOptions): Promise<void> => {
    const { key: stored, value: kept, ...expiry } = this.#entry({ key, value, ...(options && { options }) });
    await this.#store.put(stored, kept as string, expiry);
  };

  readonly setItemRaw = (key: string, value: unknown, options?: ItemOptions): Promise<void> =>
    this.setItem(key, value, options);

  readonly setItems = async (items: Item[], common: ItemOptions = {}): Promise<void> => {
    await this.#store.putMany(items.map((item) => this.#entry({ ...item, options: { ...common, ...item.options } })));
  };

  readonly removeItem = async (key: string): Promise<void> => {
    await this.#store.delete(this.#prefix + key);
  };

  /** Has the metadata of the entry, too. */
  readonly getMeta = async (key: string): Promise<ItemMeta | null> => {
    const head = await this.#store.head(this.#prefix + key);
    if (head === undefined) return null;
    const { meta, updatedAt: mtime, createdAt: birthtime, sizeBytes: size, expiresAt } = head;
    const ttl = expiresAt && { ttl: Math.max(0, Math.ceil((expiresAt.getTime() - Date.now()) / 1000)) };
    return { ...meta, mtime, birthtime, size, ...ttl };
  };

  readonly getKeys = async (base = ''): Promise<string[]> => {
    const keys: string[] = [];
    for await (const key of this.#store.keys({ prefix: this.#prefix + base }))
      keys.push(key.slice(this.#prefix.length));
    return keys;
  };

  readonly clear = async (base = ''): Promise<void> => {
    await this.#store.clear({ prefix: this.#prefix + base });
  };

  readonly dispose = (): void => this.#disposed.abort();

  /** Resolves once every later change is reported. */
  readonly watch = async (callback: WatchCallback): Promise<() => void> => {
    const stopped = new AbortController();
    const signal = AbortSignal.any([stopped.signal, this.#disposed.signal]);
    const changes = this.#store.watch({ prefix: this.#prefix, signal });
    await changes.next();
    this.#report(changes, callback).catch(this.options.onWatchError ?? console.error);
    return () => stopped.abort();
  };

  async #report(changes: AsyncIterable<StoreChange>, callback: WatchCallback): Promise<void> {
    for await (const { event, key } of changes) {
      if (key !== undefined) callback(event === 'put' ? 'update' : 'remove', key.slice(this.#prefix.length));
      // Some changes were not reported: any item may have changed.
      else if (event === 'resync') for (const each of await this.getKeys()) callback('update', each);
    }
  }

  #entry({ key, value, options }: Item): PutEntry<unknown> {
    const ttl = options?.ttl ?? this.options.ttl;
    const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    const as = typeof value === 'string' ? 'text' : 'json';
    // A time of 0 means none, as in other drivers.
    return { key: this.#prefix + key, value: bytes, as, ...(ttl && { ttl }) };
  }
}
