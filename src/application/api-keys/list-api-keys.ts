import { inject, injectable } from 'tsyringe';
import type { Credential, Identity } from '../../domain/api-key.js';
import { isWithin } from '../access/grant.js';
import { requireProject } from '../access/require-project.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';

/** Lists the keys of a project. */
@injectable()
export class ListApiKeys {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Credentials) private readonly credentials: Credentials,
  ) {}

  /** The primary key first. Who is confined to a prefix sees only the keys within it. */
  execute(project: string, asker: Identity): readonly Credential[] {
    const { id } = requireProject(this.projects, project);
    const primary = this.credentials.primaryOf(id);
    const all = [...(primary === undefined ? [] : [primary]), ...this.credentials.secondaryKeysOf(id)];
    return all.filter(({ prefix }) => isWithin(asker, prefix));
  }
}
