import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { AccessSettings } from '../ports/access-settings.js';
import type { Durability } from '../ports/project-storage.js';
import { Projects } from '../ports/registry/projects.js';

/** Shows projects with their settings. */
@injectable()
export class ViewProjects {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(AccessSettings) private readonly settings: AccessSettings,
  ) {}

  /** Throws `forbidden` if the configuration hides the list of projects. */
  list(caller: Identity): readonly Project[] {
    requireAccess(caller, rules.system, undefined);
    if (!this.settings.projectDiscoverable) throw new AppError('forbidden', 'Project listing is disabled');
    return this.projects.list();
  }

  get(caller: Identity, id: string): Project {
    requireAccess(caller, rules.member, id);
    return requireProject(this.projects, id);
  }

  /** How safe its commits are where its data is now. A server that has it is asked. */
  async durability(caller: Identity, id: string): Promise<Durability> {
    return this.keyspaces.durability(this.get(caller, id).id);
  }
}
