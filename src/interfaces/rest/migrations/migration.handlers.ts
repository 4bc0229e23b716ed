import { inject, injectable } from 'tsyringe';
import { requireProject } from '../../../application/access/require-project.js';
import { Migrations } from '../../../application/migrations/migrations.js';
import { Projects } from '../../../application/ports/registry/projects.js';
import { RotateEncryptionKey } from '../../../application/projects/rotate-encryption-key.js';
import { UpdateProject } from '../../../application/projects/update-project.js';
import type { Migration } from '../../../domain/migration.js';
import { isDiscoverable } from '../entries/discoverable.js';
import { projectOf } from '../request/path-values.js';
import type { ApiRequest, Reply } from '../routing/route.js';

/** Changes of engine. */
@injectable()
export class MigrationHandlers {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Migrations) private readonly migrations: Migrations,
    @inject(UpdateProject) private readonly updateProject: UpdateProject,
    @inject(RotateEncryptionKey) private readonly rotateKeys: RotateEncryptionKey,
  ) {}

  readonly list = async (request: ApiRequest): Promise<Reply> => {
    const project = requireProject(this.projects, projectOf(request)).id;
    const all = await this.migrations.of(project);
    const data = `[${all.map((migration) => migrationJson(project, migration, this.projects)).join(',')}]`;
    return { status: 200, data, message: `Migrations of project '${project}' fetched successfully` };
  };

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const project = requireProject(this.projects, projectOf(request)).id;
    const migration = await this.migrations.get(project, idOf(request));
    const data = migrationJson(project, migration, this.projects);
    return { status: 200, data, message: `Migration '${migration.id}' fetched successfully` };
  };

  readonly rollBack = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const migration = await this.updateProject.rollBack(project, idOf(request));
    const data = migrationJson(project, migration, this.projects);
    return { status: 200, data, message: `Migration '${migration.id}' rolled back` };
  };

  readonly rotate = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const migration = await this.rotateKeys.execute(project);
    const message = `The values of project '${project}' are being encrypted with the current key`;
    const headers = { Location: migrationUrl(project, migration) };
    return { status: 202, headers, data: migrationJson(project, migration, this.projects), message };
  };
}

function idOf(request: ApiRequest): string {
  return request.path.migration as string;
}

/** Where a migration can be watched. */
export function migrationUrl(project: string, { id }: Migration): string {
  return `/api/v1/projects/${project}/migrations/${id}`;
}

/** A migration as JSON text; times in seconds, the pause in milliseconds, no counts where the project hides its keys. */
export function migrationJson(project: string, migration: Migration, projects: Projects): string {
  const { id, startedAt, finishedAt, pause, rolledBack, ...shown } = migration;
  return JSON.stringify({
    id,
    project,
    ...shown,
    ...(isDiscoverable(projects, project) ? {} : { copied: null, total: null }),
    started_at: startedAt / 1000,
    ...(finishedAt === undefined ? {} : { finished_at: finishedAt / 1000 }),
    ...(pause === undefined ? {} : { pause_ms: pause }),
    ...(rolledBack === undefined ? {} : { rolled_back: rolledBack }),
  });
}
