import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { keptFiles, ref, shape } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import { restoreSchema } from './snapshot.bodies.js';
import type { SnapshotHandlers } from './snapshot.handlers.js';

/** Null if one of the projects hides its keys. */
const count = { type: ['integer', 'null'], minimum: 0 };

const example = {
  id: '20251120-080000-500',
  count: 1200,
  bytes: 40960,
  sha256: 'a3'.repeat(32),
  engine: 'json-file',
  reason: 'manual',
  created_at: 1763625600.5,
  encrypted: false,
};

/** Snapshots. */
export function snapshotRoutes(snapshots: SnapshotHandlers): readonly Route[] {
  const one = `${PROJECT}/snapshots/{snapshot}`;
  return [
    defineRoute({
      id: 'listSnapshots',
      tag: 'Copies',
      method: 'GET',
      path: `${PROJECT}/snapshots`,
      summary: 'The snapshots of a project, earliest first',
      access: rules.admin,
      compressible: true,
      responses: {
        200: {
          description: 'The snapshots.',
          message: "Snapshots of project 'first_project' fetched successfully",
          data: { type: 'array', items: ref('Snapshot') },
          example: [example],
        },
      },
      handle: snapshots.list,
    }),
    defineRoute({
      id: 'createSnapshot',
      tag: 'Copies',
      method: 'POST',
      path: `${PROJECT}/snapshots`,
      summary: 'Keep all entries as they are at this moment',
      description:
        'A compressed export in the data folder, encrypted if the project is. Complete when the response arrives.',
      access: rules.admin,
      responses: {
        201: {
          description: 'Taken.',
          message: "Snapshot '20251120-080000-500' of project 'first_project' created successfully",
          data: ref('Snapshot'),
          example,
          headers: ['Location'],
        },
      },
      errors: ['insufficient_storage'],
      handle: snapshots.create,
    }),
    defineRoute({
      id: 'getSnapshot',
      tag: 'Copies',
      method: 'GET',
      path: one,
      summary: 'The description of a snapshot',
      access: rules.admin,
      responses: {
        200: {
          description: 'The snapshot.',
          message: "Snapshot '20251120-080000-500' fetched successfully",
          data: ref('Snapshot'),
          example,
        },
      },
      handle: snapshots.get,
    }),
    defineRoute({
      id: 'deleteSnapshot',
      tag: 'Copies',
      method: 'DELETE',
      path: one,
      summary: 'Delete a snapshot',
      access: rules.admin,
      responses: { 200: { description: 'Deleted.', message: "Snapshot '20251120-080000-500' deleted successfully" } },
      handle: snapshots.delete,
    }),
    defineRoute({
      id: 'verifySnapshot',
      tag: 'Copies',
      method: 'POST',
      path: `${one}/verify`,
      summary: 'Check that a snapshot is whole',
      description: 'Reads all of it and compares count and SHA-256; a damaged one is 422. Changes nothing.',
      access: rules.admin,
      responses: {
        200: {
          description: 'It is whole.',
          message: "Snapshot '20251120-080000-500' is whole",
          data: shape({ count: { ...count, description: 'Entries that it has.' } }),
          example: { count: 1200 },
        },
      },
      errors: ['unprocessable'],
      handle: snapshots.verify,
    }),
    defineRoute({
      id: 'restoreSnapshot',
      tag: 'Copies',
      method: 'POST',
      path: `${one}/restore`,
      summary: 'Replace all entries by those of a snapshot',
      description:
        'At one moment, after the whole snapshot was checked; a damaged one is 422 and changes nothing. ' +
        'Versions are new; what has expired is left out. ' +
        'Also for a project whose data is damaged or missing: its files are put aside.',
      access: rules.admin,
      body: 'json',
      content: {
        required: false,
        schema: named('RestoreBody', restoreSchema),
        examples: { 'application/json': {} },
      },
      responses: {
        200: {
          description: 'Restored.',
          message: "Snapshot '20251120-080000-500' restored into project 'first_project'",
          data: shape(
            {
              count: { ...count, description: 'Entries restored.' },
              expired: { ...count, description: 'Left out because they have expired since.' },
              removed: {
                ...count,
                description: 'Removed because the snapshot does not have them; null, too, if the data was damaged.',
              },
              kept: keptFiles,
            },
            ['kept'],
          ),
          example: { count: 1200, expired: 0, removed: 3 },
        },
      },
      errors: ['conflict', 'unprocessable', 'insufficient_storage'],
      handle: snapshots.restore,
    }),
  ];
}
