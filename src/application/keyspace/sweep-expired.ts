import { isLive } from '../../domain/entry.js';
import type { Awaitable } from '../awaitable.js';
import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import { inParts } from '../stores/in-parts.js';
import type { Decide } from './write.js';

/** How many expired entries one commit removes. */
const BATCH = 500;

/** The part of a keyspace that a sweep needs. */
export interface Expirable {
  readonly store: Pick<Store, 'expiring'>;
  readonly clock: Clock;
  write<T>(keys: readonly string[], decide: Decide<T>): Awaitable<T>;
}

/** Removes expired entries in small commits, with other work between them. Returns how many it removed. */
export async function sweepExpired(keyspace: Expirable): Promise<number> {
  let swept = 0;
  for (;;) {
    const keys = await keyspace.store.expiring(keyspace.clock.now(), BATCH);
    if (keys.length === 0) return swept;
    const counts = await inParts(keys, (part) =>
      keyspace.write(part, (_, { now }, stored) => {
        const remove = stored.flatMap((entry) => (entry !== undefined && !isLive(entry, now) ? [entry.key] : []));
        return { result: remove.length, remove };
      }),
    );
    for (const count of counts) swept += count;
    if (keys.length < BATCH) return swept;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
