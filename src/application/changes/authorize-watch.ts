import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { KeyFilter } from '../../domain/key.js';
import { rules } from '../access/access-rules.js';
import { hasVisibleKeys, prefixFor, requireAccess, requireScope, requireValidKey } from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Projects } from '../ports/registry/projects.js';

/** The changes that a client asks for: of the named keys, or of all keys with the prefix. */
export interface WatchRequest {
  readonly prefix?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  /** Whether the entries that were put are included. */
  readonly values?: boolean;
}

/** What a caller may watch. */
export interface AuthorizedWatch {
  readonly keyspace: Keyspace;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  readonly values: boolean;
}

/** Decides what a caller may watch of a project. */
@injectable()
export class AuthorizeWatch {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
  ) {}

  /**
   * Rejects with `insufficient_scope` beyond the caller's rights, with `forbidden` if the project hides its keys and
   * the request names none. The feed of the project is started: what happens from then on is published.
   */
  async execute(
    caller: Identity,
    project: string,
    { prefix, keys, values = false }: WatchRequest,
  ): Promise<AuthorizedWatch> {
    requireAccess(caller, rules.watch, project, { key: keys, prefix });
    if (keys !== undefined && prefix !== undefined) {
      throw new AppError('invalid', 'give either key, once or more, or prefix');
    }
    for (const key of keys ?? []) requireValidKey(key);
    if (values) requireScope(caller, 'read');
    const filter = {
      prefix: keys === undefined ? prefixFor(caller, 'watch', prefix) : '',
      keys: keys && new Set(keys),
    };
    if (keys === undefined && !hasVisibleKeys(this.projects.get(project))) {
      throw new AppError('forbidden', 'Watching keys that are not named is disabled for this project');
    }
    const keyspace = await this.keyspaces.of(project);
    await keyspace.changes.start();
    return { keyspace, caller, filter, values };
  }
}
