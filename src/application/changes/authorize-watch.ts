import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { KeyFilter } from '../../domain/key.js';
import { requirePrefix, requireScope } from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { Projects } from '../ports/registry/projects.js';

/** Which changes somebody wants to be told of: of the keys named, or else of all with the prefix. */
export interface WatchRequest {
  readonly prefix: string | undefined;
  readonly keys: readonly string[] | undefined;
  /** With the items put. */
  readonly values: boolean;
}

/** Lets somebody watch a project. */
@injectable()
export class AuthorizeWatch {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
  ) {}

  /** Throws `insufficient_scope` beyond the rights of the identity, `forbidden` where keys are secret and none is named. */
  async execute(
    project: string,
    identity: Identity,
    { prefix, keys, values }: WatchRequest,
  ): Promise<{ readonly keyspace: Keyspace; readonly filter: KeyFilter }> {
    if (keys !== undefined && prefix !== undefined)
      throw new AppError('invalid', 'give either key, once or more, or prefix');
    if (values) requireScope(identity, 'read');
    // What is named was held against the prefix of the key already.
    const filter = {
      prefix: keys === undefined ? requirePrefix(identity, 'watch', prefix) : '',
      keys: keys && new Set(keys),
    };
    if (keys === undefined && !this.projects.get(project)?.security.keys_and_values_discoverable) {
      throw new AppError('forbidden', 'Watching keys that are not named is disabled for this project');
    }
    return { keyspace: await this.keyspaces.of(project), filter };
  }
}
