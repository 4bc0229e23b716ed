import type { Watch } from '../../../application/changes/active-watches.js';
import type { AuthorizedWatch, WatchRequest } from '../../../application/changes/authorize-watch.js';
import type { Identity } from '../../../domain/api-key.js';
import type { Change } from '../../../domain/change.js';
import { type KeyFilter, passes } from '../../../domain/key.js';
import { Glob } from '../../redis-commands/glob.js';
import { RedisError } from '../../redis-commands/redis-error.js';

/** Its message is the event; the rest of the channel's name is the key. */
const KEYSPACE = '__keyspace@0__:';
/** Its message is the key; the rest of the channel's name is the event. */
const KEYEVENT = '__keyevent@0__:';
const EVENTS: Readonly<Record<Change['event'], string>> = { put: 'set', delete: 'del', expire: 'expired' };

/** What a client subscribed to. */
export interface SubscriptionTarget {
  readonly name: string;
  /** Whether the name is a pattern of channels. */
  readonly isPattern: boolean;
}

/** The changes that a target is about. Throws if it cannot match a channel of keyspace notifications. */
export function watchRequestOf({ name, isPattern }: SubscriptionTarget): WatchRequest {
  const literal = isPattern ? new Glob(Buffer.from(name)).prefix : name;
  if (literal.startsWith(KEYSPACE)) {
    const key = literal.slice(KEYSPACE.length);
    if (!isPattern) return { keys: [key] };
    return key === '' ? {} : { prefix: key };
  }
  if (literal.startsWith(KEYEVENT)) return {};
  if (isPattern && [KEYSPACE, KEYEVENT].some((channel) => channel.startsWith(literal))) return {};
  throw new RedisError(`only channels of keyspace notifications exist, which begin with ${KEYSPACE} or ${KEYEVENT}`);
}

/** The notifications of one channel or pattern, from the feed of changes. */
export class Subscription implements Watch {
  readonly project: string;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  readonly #matches: (channel: string) => boolean;
  readonly #deliver: (channel: string, message: string) => void;
  readonly #unsubscribe: () => void;
  readonly #onEnd: () => void;

  /** `onEnd` is called if the client may not watch any longer, or if the project is not served any more. */
  constructor(
    { name, isPattern }: SubscriptionTarget,
    { keyspace, caller, filter }: AuthorizedWatch,
    deliver: (channel: string, message: string) => void,
    onEnd: () => void,
  ) {
    this.project = keyspace.project;
    this.caller = caller;
    this.filter = filter;
    const glob = isPattern ? new Glob(Buffer.from(name)) : undefined;
    this.#matches = (channel) => (glob === undefined ? channel === name : glob.matches(channel));
    this.#deliver = deliver;
    this.#onEnd = onEnd;
    this.#unsubscribe = keyspace.changes.subscribe({
      changed: (changes) => this.#changed(changes),
      // Redis has no word for it: a client that must miss nothing reads the feed by REST.
      overflowed: () => undefined,
      closed: onEnd,
    });
  }

  end(): void {
    this.stop();
    this.#onEnd();
  }

  /** Delivers nothing any more. */
  stop(): void {
    this.#unsubscribe();
  }

  #changed(changes: readonly Change[]): void {
    for (const { event, key } of changes) {
      if (!passes(this.filter, key)) continue;
      const name = EVENTS[event];
      if (this.#matches(KEYSPACE + key)) this.#deliver(KEYSPACE + key, name);
      if (this.#matches(KEYEVENT + name)) this.#deliver(KEYEVENT + name, key);
    }
  }
}
