import { inject, injectable } from 'tsyringe';
import { RollBackMigration } from '../../../application/projects/roll-back-migration.js';
import { RotateEncryptionKey } from '../../../application/projects/rotate-encryption-key.js';
import { ViewMigrations } from '../../../application/projects/view-migrations.js';
import { projectOf } from '../request/path-values.js';
import type { Reply } from '../response/reply.js';
import type { ApiRequest } from '../routing/route.js';
import { migrationJson, migrationUrl } from './migration-json.js';

/** Migrations to another engine or encryption. */
@injectable()
export class MigrationHandlers {
  constructor(
    @inject(ViewMigrations) private readonly viewMigrations: ViewMigrations,
    @inject(RollBackMigration) private readonly rollBackMigration: RollBackMigration,
    @inject(RotateEncryptionKey) private readonly rotateEncryptionKey: RotateEncryptionKey,
  ) {}

  readonly list = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const all = await this.viewMigrations.list(request.caller, project);
    const data = `[${all.map((migration) => migrationJson(project, migration)).join(',')}]`;
    return { status: 200, data, message: `Migrations of project '${project}' fetched successfully` };
  };

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const migration = await this.viewMigrations.get(request.caller, project, idOf(request));
    const data = migrationJson(project, migration);
    return { status: 200, data, message: `Migration '${migration.id}' fetched successfully` };
  };

  readonly rollBack = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const { migration, kept } = await this.rollBackMigration.execute(request.caller, project, idOf(request));
    const data = migrationJson(project, migration, kept);
    return { status: 200, data, message: `Migration '${migration.id}' rolled back` };
  };

  readonly rotate = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const migration = await this.rotateEncryptionKey.execute(request.caller, project);
    const message = `The values of project '${project}' are being encrypted with the current key`;
    const headers = { Location: migrationUrl(project, migration) };
    return { status: 202, headers, data: migrationJson(project, migration), message };
  };
}

function idOf(request: ApiRequest): string {
  return request.path.migration as string;
}
