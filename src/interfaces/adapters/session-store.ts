import type { KeyValueStore } from '../key-value-store/key-value-store.js';

export interface SessionStoreOptions {
  /** What the keys of sessions begin with; `sess:` if it is not given. */
  readonly prefix?: string | undefined;
  /** Seconds that a session lasts if its cookie names no time; a day if it is not given. */
  readonly ttl?: number | undefined;
}

/** What a store needs to know of a session. */
export interface SessionData {
  readonly cookie: { readonly expires?: Date | string | null | undefined };
}

/** As Node's: the error is null or missing if all went well. */
type Callback<R = void> = (error: unknown, result?: R) => void;

/** The methods of a store of express-session. Data are of any type, because programs declare what they have. */
export interface SessionMethods {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  get(id: string, callback: Callback<any>): void;
  set(id: string, session: SessionData, callback?: Callback): void;
  /** Lets the session last again as long as its cookie says; does not write its data. */
  touch(id: string, session: SessionData, callback?: Callback): void;
  destroy(id: string, callback?: Callback): void;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  all(callback: Callback<any[]>): void;
  length(callback: Callback<number>): void;
  clear(callback?: Callback): void;
}

// biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for this of a class to extend
type Constructor = abstract new (...args: any[]) => object;

/**
 * A store of sessions: `Base` is the class `Store` of express-session. @fastify/session takes the result, too. It does
 * not close the store that it is given. A session is gone from the store when its cookie expires.
 */
export function sessionStore<B extends Constructor>(
  Base: B,
  store: KeyValueStore,
  options: SessionStoreOptions = {},
): InstanceType<B> & SessionMethods {
  const sessions = new Sessions(store, options);
  const methods: SessionMethods = {
    get: (id, callback) => pass(sessions.read(id), callback),
    set: (id, session, callback) => pass(sessions.write(id, session), callback),
    touch: (id, session, callback) => pass(sessions.touch(id, session), callback),
    destroy: (id, callback) => pass(sessions.remove(id), callback),
    all: (callback) => pass(sessions.all(), callback),
    length: (callback) => pass(sessions.count(), callback),
    clear: (callback) => pass(sessions.clear(), callback),
  };
  return Object.assign(new (Base as unknown as new () => InstanceType<B>)(), methods);
}

class Sessions {
  private readonly prefix: string;
  private readonly ttl: number;

  constructor(
    private readonly store: KeyValueStore,
    { prefix = 'sess:', ttl = 86_400 }: SessionStoreOptions,
  ) {
    this.prefix = prefix;
    this.ttl = ttl;
  }

  async read(id: string): Promise<unknown> {
    return (await this.store.get(this.prefix + id))?.value ?? null;
  }

  async write(id: string, session: SessionData): Promise<void> {
    const ttl = this.secondsLeft(session);
    if (ttl > 0) await this.store.put(this.prefix + id, session, { ttl });
    else await this.remove(id);
  }

  async touch(id: string, session: SessionData): Promise<void> {
    const ttl = this.secondsLeft(session);
    if (ttl > 0) await this.store.touch(this.prefix + id, ttl);
    else await this.remove(id);
  }

  async remove(id: string): Promise<void> {
    await this.store.delete(this.prefix + id);
  }

  async all(): Promise<unknown[]> {
    const found: unknown[] = [];
    for await (const { value } of this.store.list({ prefix: this.prefix })) found.push(value);
    return found;
  }

  count(): Promise<number> {
    return this.store.count({ prefix: this.prefix });
  }

  async clear(): Promise<void> {
    await this.store.clear({ prefix: this.prefix });
  }

  private secondsLeft({ cookie }: SessionData): number {
    return cookie.expires ? (new Date(cookie.expires).getTime() - Date.now()) / 1000 : this.ttl;
  }
}

function pass<R>(result: Promise<R>, callback: Callback<R> = () => undefined): void {
  result.then((value) => callback(null, value), callback);
}
