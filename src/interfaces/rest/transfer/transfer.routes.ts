import { rules } from '../../../application/access/access-rules.js';
import { exportExample } from '../entries/entry.examples.js';
import { keptFiles, shape } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import { exportParameters, importParameters, type TransferHandlers } from './export-import.handlers.js';

const count = { type: 'integer', minimum: 0 };

const imported = shape(
  {
    count: { ...count, description: 'Entries in the export.' },
    put: { ...count, description: 'Written, each with a new version.' },
    unchanged: { ...count, description: 'Existed with the same content and times; only with `merge`.' },
    expired: { ...count, description: 'Left out because they have expired since the export.' },
    removed: {
      ...count,
      description:
        'Removed because the export lacks them; only with `replace`, and not if the project hides its keys or its ' +
        'data was damaged.',
    },
    kept: keptFiles,
  },
  ['removed', 'kept'],
);

/** Export and import of a project's entries. */
export function transferRoutes(transfer: TransferHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'exportStore',
      tag: 'Copies',
      method: 'GET',
      path: `${PROJECT}/export`,
      summary: 'All entries as of one moment, as JSON lines',
      description: [
        'A header line, one entry a line in key order, and a trailer line with the count and the SHA-256 of all ' +
          'bytes before it: without the trailer the export is not whole.',
        'A value is the member `json` if it is JSON in one line, else `text` or `base64`; times are in seconds. ' +
          'Writes continue meanwhile and are not in it.',
        'With `after` it continues after a key, as of a new moment: a file put together from two parts is as of two ' +
          'moments. Needs the scope `list`, too.',
      ].join(' '),
      access: rules.readWithin,
      query: exportParameters,
      compressible: true,
      responses: {
        200: {
          description: 'The lines.',
          type: 'application/x-ndjson',
          schema: { type: 'string' },
          example: exportExample,
          headers: ['Content-Disposition', 'Cache-Control'],
        },
      },
      errors: ['forbidden'],
      handle: transfer.export,
    }),
    defineRoute({
      id: 'importStore',
      tag: 'Copies',
      method: 'POST',
      path: `${PROJECT}/import`,
      summary: 'Import an export',
      description: [
        'Values, content types, creation, update and expiry times come back as they were; versions are new.',
        '`replace` (needs the scope `delete`, too) checks the whole export first and then happens at one moment, or ' +
          'not at all; also for a project whose data is damaged or missing: its files are put aside.',
        '`merge` writes the entries while it reads them; if it fails on the way, `error` has `put`, `unchanged` and ' +
          '`last_key`, and repeating it does not write unchanged entries again.',
        'A line that is wrong is named by `error.line`.',
      ].join(' '),
      access: rules.writeWithin,
      query: importParameters,
      body: 'stream',
      content: {
        description: 'An export. Of any size, but a line has at most three times `limits.max_value_bytes`.',
        schema: { type: 'string' },
        examples: { 'application/x-ndjson': exportExample },
      },
      responses: {
        200: {
          description: 'Imported, or what would be.',
          message: "1 key-value pairs imported successfully into project 'first_project' store",
          data: imported,
          example: { count: 1, put: 1, unchanged: 0, expired: 0 },
        },
      },
      errors: ['forbidden', 'conflict'],
      handle: transfer.import,
    }),
  ];
}
