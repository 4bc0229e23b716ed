import { inject, injectable } from 'tsyringe';
import { requireScope, sliceOf } from '../../domain/access.js';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { KeyFilter } from '../../domain/key-filter.js';
import type { Keyspace } from '../entries/keyspace.js';
import { Keyspaces } from '../ports/keyspaces.js';
import { Projects } from '../ports/projects.js';

/** Which changes somebody wants to be told of: of the keys named, or else of all with the prefix. */
export interface WatchRequest {
  readonly prefix: string | undefined;
  readonly keys: readonly string[] | undefined;
  /** With the items put. */
  readonly values: boolean;
}

/** Lets somebody watch a project. */
@injectable()
export class WatchChanges {
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
      prefix: keys === undefined ? sliceOf(identity, 'watch', prefix) : '',
      keys: keys && new Set(keys),
    };
    if (keys === undefined && !this.projects.get(project)?.security.keys_and_values_discoverable) {
      throw new AppError('forbidden', 'Watching keys that are not named is disabled for this project');
    }
    return { keyspace: await this.keyspaces.of(project), filter };
  }
}
