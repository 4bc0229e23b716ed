import { inject, injectable } from 'tsyringe';
import type { Entry } from '../../domain/entry.js';
import { missing } from '../../domain/missing.js';
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
    const keyspace = this.#keyspaces.of(project);
    const entry = keyspace instanceof Promise ? keyspace.then((open) => open.get(key)) : keyspace.get(key);
    return entry instanceof Promise ? entry.then((found) => present(found)) : present(entry);

    function present(found: Entry | undefined): Entry {
      if (found === undefined) throw missing(key, project);
      return found;
    }
  }
}
