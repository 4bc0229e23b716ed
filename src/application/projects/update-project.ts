import { inject, injectable } from 'tsyringe';
import { Keyspaces } from '../ports/keyspaces.js';
import { Projects } from '../ports/projects.js';
import { existing } from './existing.js';

/** Changes a project's settings. */
@injectable()
export class UpdateProject {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
  ) {}

  async execute(id: string, changes: unknown): Promise<void> {
    existing(this.projects, id);
    this.keyspaces.refresh(await this.projects.update(id, changes));
  }
}
