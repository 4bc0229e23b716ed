import { inject, injectable } from 'tsyringe';
import { AppError } from '../../domain/errors.js';
import type { Migration } from '../../domain/migration.js';
import { requireProject } from '../access/require-project.js';
import { Migrations } from '../migrations/migrations.js';
import { Projects } from '../ports/registry/projects.js';

/** Encrypts all values of a project anew with the key that is the current one now, as a move to where they are. */
@injectable()
export class RotateEncryptionKey {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Migrations) private readonly migrations: Migrations,
  ) {}

  /** The move that was started; `conflict` where the project is not encrypted or is being moved. */
  async execute(id: string): Promise<Migration> {
    const project = requireProject(this.projects, id);
    if (project.storage.encryption === undefined) {
      throw new AppError('conflict', `Project '${id}' is not encrypted: set storage.encryption first`);
    }
    const nothing = async () => undefined;
    return this.migrations.start(project, project, nothing, nothing);
  }
}
