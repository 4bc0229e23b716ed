import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { shape } from '../openapi/schemas.js';
import { defineRoute, type Route } from '../routing/route.js';
import { type AuditHandlers, auditParameters } from './audit.handlers.js';

const record = named(
  'AuditRecord',
  shape({
    time: { type: 'number', description: 'In seconds since 1970.' },
    who: { type: 'string', description: 'The id of the API key, or what else is known of the caller.' },
    act: { type: 'string', description: 'The id of the operation.' },
    project: { type: ['string', 'null'] },
    address: { type: ['string', 'null'], description: 'The address of the client.' },
    request_id: { type: 'string' },
    outcome: { type: 'string', description: '`done`, or the code of the error.' },
    repeated: { type: 'integer', minimum: 0, description: 'How many more such calls its minute had.' },
  }),
);

const example = {
  time: 1763625600.512,
  who: '3fg7kq2x',
  act: 'createApiKey',
  project: 'first_project',
  address: '127.0.0.1',
  request_id: 'Xk2v9-1',
  outcome: 'done',
  repeated: 0,
};

/** The audit log. */
export function auditRoutes(audit: AuditHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'readAudit',
      tag: 'Server',
      method: 'GET',
      path: '/api/v1/audit',
      summary: 'Who did what, latest first',
      description:
        'The audit log as far as its files are kept, in pages; the next one is at the header `Link`. Records ' +
        'that are added meanwhile do not move it.',
      access: rules.system,
      query: auditParameters,
      compressible: true,
      responses: {
        200: {
          description: 'The records.',
          message: 'Audit records fetched successfully',
          data: { type: 'array', items: record },
          example: [example],
          headers: ['Link'],
        },
      },
      handle: audit.read,
    }),
  ];
}
