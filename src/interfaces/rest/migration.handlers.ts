import { inject, injectable } from 'tsyringe';
import { type Migration, Migrations } from '../../application/copies/migrations.js';
import { Projects } from '../../application/ports/projects.js';
import { existing } from '../../application/projects/existing.js';
import { RotateKeys } from '../../application/projects/rotate-keys.js';
import { UpdateProject } from '../../application/projects/update-project.js';
import { projectOf } from './path.js';
import type { ApiRequest, Reply } from './route.js';

/** Changes of engine. */
@injectable()
export class MigrationHandlers {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Migrations) private readonly migrations: Migrations,
    @inject(UpdateProject) private readonly updateProject: UpdateProject,
    @inject(RotateKeys) private readonly rotateKeys: RotateKeys,
  ) {}

  readonly list = (request: ApiRequest): Reply => {
    const project = existing(this.projects, projectOf(request)).id;
    const data = `[${this.migrations.of(project).map(migrationJson).join(',')}]`;
    return { status: 200, data, message: `Migrations of project '${project}' fetched successfully` };
  };

  readonly get = (request: ApiRequest): Reply => {
    const migration = this.migrations.get(existing(this.projects, projectOf(request)).id, idOf(request));
    return { status: 200, data: migrationJson(migration), message: `Migration '${migration.id}' fetched successfully` };
  };

  readonly rollBack = async (request: ApiRequest): Promise<Reply> => {
    const migration = await this.updateProject.rollBack(projectOf(request), idOf(request));
    return { status: 200, data: migrationJson(migration), message: `Migration '${migration.id}' rolled back` };
  };

  readonly rotate = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const migration = await this.rotateKeys.execute(project);
    const message = `The values of project '${project}' are being encrypted with the current key`;
    return { status: 202, headers: { Location: migrationUrl(migration) }, data: migrationJson(migration), message };
  };
}

function idOf(request: ApiRequest): string {
  return request.path.migration as string;
}

/** Where a migration can be watched. */
export function migrationUrl({ project, id }: Migration): string {
  return `/api/v1/projects/${project}/migrations/${id}`;
}

/** A migration as JSON text; times in seconds, the pause in milliseconds. */
export function migrationJson(migration: Migration): string {
  const { startedAt, finishedAt, pause, rolledBack, ...shown } = migration;
  return JSON.stringify({
    ...shown,
    started_at: startedAt / 1000,
    ...(finishedAt === undefined ? {} : { finished_at: finishedAt / 1000 }),
    ...(pause === undefined ? {} : { pause_ms: pause }),
    ...(rolledBack === undefined ? {} : { rolled_back: rolledBack }),
  });
}
