import { isLive } from '../../domain/entry.js';
import type { Keyspace } from './keyspace.js';

/** How many expired entries one commit removes. */
const BATCH = 500;

/** Removes what has expired, in small commits between which others get their turn. Says how many entries that were. */
export async function sweepExpired(keyspace: Keyspace): Promise<number> {
  let swept = 0;
  for (;;) {
    const keys = await keyspace.store.expiring(keyspace.clock.now(), BATCH);
    if (keys.length === 0) return swept;
    swept += await keyspace.write(keys, (_, { now }, stored) => {
      const remove = stored.flatMap((entry) => (entry !== undefined && !isLive(entry, now) ? [entry.key] : []));
      return { result: remove.length, remove };
    });
    if (keys.length < BATCH) return swept;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
