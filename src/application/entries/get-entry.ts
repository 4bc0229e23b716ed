import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry } from '../../domain/entry.js';
import { keyNotFound } from '../../domain/key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireValidKey } from '../access/authorize.js';
import { type Awaitable, andThen } from '../awaitable.js';
import { Keyspaces } from '../keyspace/keyspaces.js';

/** Reads one entry. */
@injectable()
export class GetEntry {
  constructor(@inject(Keyspaces) private readonly keyspaces: Keyspaces) {}

  /** Synchronous if the engine is. Throws or rejects with `not_found` if the entry does not exist. */
  execute(caller: Identity, project: string, key: string): Awaitable<Entry> {
    requireAccess(caller, rules.read, project, { key });
    requireValidKey(key);
    const entry = andThen(this.keyspaces.of(project), (keyspace) => keyspace.get(key));
    return andThen(entry, (found) => {
      if (found === undefined) throw keyNotFound(key, project);
      return found;
    });
  }
}
