import type { ActiveWatches } from '../../../application/changes/active-watches.js';
import type { AuthorizeWatch } from '../../../application/changes/authorize-watch.js';
import type { Session } from '../../redis-commands/command.js';
import { RedisError } from '../../redis-commands/redis-error.js';
import { bulk, type Reply } from '../../redis-commands/reply.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import { Subscription, watchRequestOf } from './subscription.js';

/** The most channels and patterns of one client. */
const MAX_SUBSCRIPTIONS = 1_000;

export interface WatchServices {
  readonly authorizeWatch: AuthorizeWatch;
  readonly watches: ActiveWatches;
}

/** What `Subscriptions` needs of its client. */
interface Subscriber {
  readonly server: WatchServices;
  readonly writer: ReplyWriter;
  isClosing: boolean;
}

/** The channels and patterns to which a client is subscribed. */
export class Subscriptions {
  readonly #client: Subscriber;
  readonly #flush: () => void;
  #isClosed = false;
  readonly #all = { channel: new Map<string, Subscription>(), pattern: new Map<string, Subscription>() };

  constructor(client: Subscriber, flush: () => void) {
    this.#client = client;
    this.#flush = flush;
  }

  get count(): number {
    return this.#all.channel.size + this.#all.pattern.size;
  }

  names(kind: 'channel' | 'pattern'): readonly string[] {
    return [...this.#all[kind].keys()];
  }

  /** Rejects as `AuthorizeWatch`, or if there are too many. */
  async add(kind: 'channel' | 'pattern', name: string, { caller, project }: Session): Promise<void> {
    const target = { name, isPattern: kind === 'pattern' };
    const { authorizeWatch, watches } = this.#client.server;
    const authorized = await authorizeWatch.execute(caller, project, watchRequestOf(target));
    if (this.#all[kind].has(name) || this.#isClosed) return;
    if (this.count >= MAX_SUBSCRIPTIONS)
      throw new RedisError(`at most ${MAX_SUBSCRIPTIONS} subscriptions are possible`);
    const deliver = (channel: string, message: string) => {
      const from = target.isPattern ? [bulk('pmessage'), bulk(name)] : [bulk('message')];
      this.push([...from, bulk(channel), bulk(message)]);
    };
    const onEnd = () => {
      this.remove(kind, name);
      this.#client.isClosing = true;
      this.#flush();
    };
    const subscription = new Subscription(target, authorized, deliver, onEnd);
    this.#all[kind].set(name, subscription);
    watches.add(subscription);
  }

  remove(kind: 'channel' | 'pattern', name: string): void {
    const subscription = this.#all[kind].get(name);
    if (subscription === undefined) return;
    this.#all[kind].delete(name);
    this.#client.server.watches.remove(subscription);
    subscription.stop();
  }

  /** Removes all. */
  end(): void {
    for (const kind of ['channel', 'pattern'] as const) for (const name of this.names(kind)) this.remove(kind, name);
  }

  /** Removes all; nothing can be added any more. */
  close(): void {
    this.#isClosed = true;
    this.end();
  }

  push(items: readonly Reply[]): void {
    this.#client.writer.push(items);
    this.#flush();
  }
}
