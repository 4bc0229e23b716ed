import { AppError } from '../../domain/errors.js';

/** A project is being migrated already. */
export class MigrationRunningError extends AppError {
  constructor(
    readonly project: string,
    /** The id of the migration that runs. */
    readonly migration: string,
  ) {
    super('conflict', `Project '${project}' is being moved already by migration ${migration}`, {
      details: { migration },
    });
  }
}
