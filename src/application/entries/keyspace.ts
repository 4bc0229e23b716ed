import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import type { Versions } from './versions.js';

/** An open project. */
export class Keyspace {
  constructor(
    readonly project: string,
    readonly store: Store,
    readonly clock: Clock,
    readonly versions: Versions,
  ) {}
}
