import { inject, injectable } from 'tsyringe';
import type { Entry } from '../../domain/entry.js';
import { missing } from '../../domain/missing.js';
import { chain } from '../chain.js';
import { Keyspaces } from '../ports/keyspaces.js';
import type { Awaitable } from '../ports/store.js';

/** Reads one entry. */
@injectable()
export class GetEntry {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /** At once where the engine answers at once; `not_found` where there is no such entry. */
  execute(project: string, key: string): Awaitable<Entry> {
    const entry = chain(this.#keyspaces.of(project), (keyspace) => keyspace.get(key));
    return chain(entry, (found) => {
      if (found === undefined) throw missing(key, project);
      return found;
    });
  }
}
