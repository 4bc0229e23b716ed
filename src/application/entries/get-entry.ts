import { inject, injectable } from 'tsyringe';
import type { Entry } from '../../domain/entry.js';
import { keyNotFound } from '../../domain/key.js';
import { type Awaitable, andThen } from '../awaitable.js';
import { Keyspaces } from '../keyspace/keyspaces.js';

/** Reads one entry. */
@injectable()
export class GetEntry {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /** At once where the engine answers at once; `not_found` where there is no such entry. */
  execute(project: string, key: string): Awaitable<Entry> {
    const entry = andThen(this.#keyspaces.of(project), (keyspace) => keyspace.get(key));
    return andThen(entry, (found) => {
      if (found === undefined) throw keyNotFound(key, project);
      return found;
    });
  }
}
