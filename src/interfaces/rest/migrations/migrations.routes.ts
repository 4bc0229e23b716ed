import { rules } from '../../../application/access/access-rules.js';
import { migrationExample, ref } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import type { MigrationHandlers } from './migration.handlers.js';

/** Migrations to another engine or encryption. */
export function migrationRoutes(migrations: MigrationHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'listMigrations',
      tag: 'Copies',
      method: 'GET',
      path: `${PROJECT}/migrations`,
      summary: 'The changes of engine that run and ran',
      access: rules.admin,
      compressible: true,
      responses: {
        200: {
          description: 'The changes of engine.',
          message: "Migrations of project 'first_project' fetched successfully",
          data: { type: 'array', items: ref('Migration') },
          example: [migrationExample],
        },
      },
      handle: migrations.list,
    }),
    defineRoute({
      id: 'getMigration',
      tag: 'Copies',
      method: 'GET',
      path: `${PROJECT}/migrations/{migration}`,
      summary: 'How a change of engine is getting on',
      access: rules.admin,
      responses: {
        200: {
          description: 'The change of engine.',
          message: "Migration '1' fetched successfully",
          data: ref('Migration'),
          example: migrationExample,
        },
      },
      handle: migrations.get,
    }),
    defineRoute({
      id: 'rollBackMigration',
      tag: 'Copies',
      method: 'POST',
      path: `${PROJECT}/migrations/{migration}/rollback`,
      summary: 'Go back to the engine before, while nothing was written since',
      description:
        'If the data is damaged or missing, also after writes, as long as the data before is there: what was written ' +
        'since is given up with the damaged files, which are put aside.',
      access: rules.admin,
      responses: {
        200: {
          description: 'The project uses the engine before again.',
          message: "Migration '1' rolled back",
          data: ref('Migration'),
          example: { ...migrationExample, rolled_back: true },
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: migrations.rollBack,
    }),
    defineRoute({
      id: 'rotateEncryptionKey',
      tag: 'Copies',
      method: 'POST',
      path: `${PROJECT}/encryption/rotate`,
      summary: 'Encrypt all values again with the key that is the first now',
      access: rules.system,
      responses: {
        202: {
          description: 'It has started, as a migration.',
          message: "The values of project 'first_project' are being encrypted with the current key",
          data: ref('Migration'),
          example: { ...migrationExample, to: 'json-file', state: 'copying', copied: 0 },
          headers: ['Location'],
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: migrations.rotate,
    }),
  ];
}
