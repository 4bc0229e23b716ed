import { randomUUID } from 'node:crypto';
import type { Client } from 'ioredis';
import type { ReadView } from '../../../../application/ports/store.js';
import type { Entry } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { boundsOf, compareKeys, type KeyBounds } from '../../../../domain/key.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import { VIEW_PAGE } from '../../building-blocks/server/view-page.js';
import { lexBounds, OPEN } from './key-bounds.js';
import { missingStore } from './redis-error.js';
import { decodeEntry } from './redis-record.js';

/** For how many seconds a view is kept for a server that does not renew it. */
const KEPT_FOR = 120;
/** The time between two renewals, in ms. */
const RENEWAL = 30_000;

/** Runs a command of a read. */
type Read = <T>(command: (redis: Client) => Promise<T>) => Promise<T>;

/**
 * The entries as of the begin of a view, which commits keep: Redis has no versions, so the script of a commit notes
 * what each entry was that it changes.
 */
export class RedisReadView implements ReadView {
  readonly #store: string;
  readonly #id: string;
  readonly #read: Read;
  readonly #calls: ServerCalls;
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  private constructor(store: string, id: string, calls: ServerCalls, read: Read) {
    this.#store = store;
    this.#id = id;
    this.#calls = calls;
    this.#read = read;
    this.#timer = setInterval(() => void this.#renew(), RENEWAL).unref();
    calls.closed.addEventListener('abort', this.#stop);
  }

  static async begin(store: string, calls: ServerCalls, read: Read): Promise<RedisReadView> {
    const id = randomUUID();
    const begun = await read((redis) => redis.portkvBeginView(store, id, KEPT_FOR));
    if (begun === null) throw missingStore(store);
    return new RedisReadView(store, id, calls, read);
  }

  async *pages(bounds: KeyBounds): AsyncGenerator<readonly Entry[]> {
    const { limit, bytes } = VIEW_PAGE;
    const { low, high } = boundsOf(bounds);
    let [from, to] = lexBounds(low, high);
    // The empty key stands for the view itself.
    if (low === '') from = OPEN;
    for (;;) {
      if (this.#closing !== undefined) throw new AppError('unavailable', `${this.#store}: the view is closed`);
      const args = [this.#id, from, to, limit, bytes];
      const found = await this.#read((redis) => redis.portkvReadViewBuffer(this.#store, ...args));
      if (found === null) throw endedView(this.#store);
      const [lastRead, same, hasMore, changed] = found;
      const cut = hasMore === 1 ? changed[changed.length - 2] : lastRead;
      const last = cut === undefined || cut.length === 0 ? undefined : cut.toString();
      const entries = [...entriesIn(same), ...entriesIn(changed)]
        .filter(({ key }) => last === undefined || compareKeys(key, last) <= 0)
        .sort((a, b) => compareKeys(a.key, b.key));
      if (entries.length > 0) yield entries;
      if (last === undefined) return;
      from = Buffer.concat([OPEN, Buffer.from(last)]);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#stop();
    await this.#read((redis) => redis.srem(`${this.#store}:views`, this.#id)).catch(() => undefined);
    await this.#read((redis) => redis.unlink(this.#name, `${this.#name}:keys`)).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    for (const name of [this.#name, `${this.#name}:keys`]) {
      await this.#read((redis) => redis.expire(name, KEPT_FOR)).catch(() => undefined);
    }
  }

  readonly #stop = (): void => {
    clearInterval(this.#timer);
    this.#calls.closed.removeEventListener('abort', this.#stop);
  };

  get #name(): string {
    return `${this.#store}:view:${this.#id}`;
  }
}

/** Of keys and entries in turn; none for an empty one. */
function entriesIn(pairs: readonly Buffer[]): Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const stored = pairs[i + 1] as Buffer;
    if (stored.length > 0) entries.push(decodeEntry((pairs[i] as Buffer).toString(), stored));
  }
  return entries;
}

function endedView(store: string): AppError {
  const message = `${store}: Redis has lost a view, or too much was changed while the copy was read: try again`;
  return new AppError('unavailable', message);
}
