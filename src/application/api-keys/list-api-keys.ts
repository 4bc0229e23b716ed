import { inject, injectable } from 'tsyringe';
import type { Credential, Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { isWithin } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Credentials } from '../ports/registry/credentials.js';
import { KeyUsage } from '../ports/registry/key-usage.js';
import { Projects } from '../ports/registry/projects.js';

export interface ListedKey {
  readonly key: Credential;
  /** In ms since 1970; undefined if it was never used. */
  readonly lastUsedAt: number | undefined;
}

/** Lists the keys of a project. */
@injectable()
export class ListApiKeys {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(KeyUsage) private readonly usage: KeyUsage,
  ) {}

  /** Lists the primary key first. A caller with a prefix sees only the keys within it. */
  execute(caller: Identity, project: string): readonly ListedKey[] {
    requireAccess(caller, rules.keys, project);
    const { id } = requireProject(this.projects, project);
    const primary = this.credentials.primaryOf(id);
    const all = [...(primary === undefined ? [] : [primary]), ...this.credentials.secondaryKeysOf(id)];
    return all
      .filter(({ prefix }) => isWithin(caller, prefix))
      .map((key) => ({ key, lastUsedAt: this.usage.of(key).at }));
  }
}
