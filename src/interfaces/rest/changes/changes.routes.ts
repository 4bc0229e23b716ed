import { rules } from '../../../application/access/access-rules.js';
import { alternatives, named } from '../openapi/named-schemas.js';
import { ref, shape, versionSchema } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import type { ChangeHandlers } from './change.handlers.js';
import { changesParameters, ticketParameters } from './change.handlers.js';

const common = { key: { type: 'string' }, version: versionSchema };

/** The member `event` says which of the alternatives a change is. */
const change = alternatives('Change', 'event', {
  put: shape(
    {
      event: { const: 'put' },
      ...common,
      size_bytes: { type: 'integer', minimum: 0, description: 'Of the value put.' },
      item: ref('Item'),
    },
    ['item'],
  ),
  delete: shape({ event: { const: 'delete' }, ...common, size_bytes: { const: 0 } }),
  expire: shape({ event: { const: 'expire' }, ...common, size_bytes: { const: 0 } }),
});

const waited = shape(
  {
    changes: { type: 'array', items: change, description: 'In the order of versions; at most 1,000.' },
    since: { type: 'string', description: 'What to give as `since` next time.' },
    resync: { const: true, description: 'Changes are missing: read again what you keep a copy of.' },
  },
  ['resync'],
);

const ticket = shape({
  ticket: { type: 'string' },
  expires_at: { type: 'number', description: 'When it can no longer be used, in seconds since 1970.' },
});

const description = `With \`Accept: text/event-stream\` a stream of events: \`ready\` first, then \`put\`, \`delete\`
and \`expire\` with \`{"key","version","size_bytes"}\`, each with an \`id\` to resume from, by \`Last-Event-ID\` or
\`since\`; \`resync\` if changes are missing. Without it, one response: the changes after \`since\`, as soon as there is
one. Takes either \`key\`, once or more, or \`prefix\`. \`include=value\` needs the scope \`read\` as well; if
\`security.keys_and_values_discoverable\` is false, keys must be named.`;

const stream = `event: ready
id: k3v9x0qa-g9w3kxq2b0
data: {"since":"k3v9x0qa-g9w3kxq2b0"}

event: put
id: k3v9x0qa-g9w3kxq2b1
data: {"key":"greeting","version":"g9w3kxq2b1","size_bytes":16}

`;

/** The change feed. */
export function changesRoutes(changes: ChangeHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'watchChanges',
      tag: 'Changes',
      method: 'GET',
      path: `${PROJECT}/changes`,
      summary: 'What changes, as it happens',
      description,
      access: rules.watch,
      takesTicket: true,
      query: changesParameters,
      compressible: true,
      responses: {
        200: {
          description:
            'The changes; an empty list if none came in time. With `Accept: text/event-stream`, the stream instead.',
          message: '',
          data: waited,
          example: {
            changes: [{ event: 'put', key: 'greeting', version: 'g9w3kxq2b1', size_bytes: 16 }],
            since: 'k3v9x0qa-g9w3kxq2b1',
          },
          headers: ['Cache-Control', 'X-Accel-Buffering'],
          alternative: { type: 'text/event-stream', schema: { type: 'string' }, example: stream },
        },
      },
      errors: ['forbidden'],
      handle: changes.watch,
    }),
    defineRoute({
      id: 'createWatchTicket',
      tag: 'Changes',
      method: 'POST',
      path: `${PROJECT}/changes/tickets`,
      summary: 'Make a ticket for a client that can send no header',
      description:
        "For browsers' `EventSource`: `changes?ticket=…` takes it instead of a key, once, within a minute. It " +
        'has the rights of the key to watch, as far as they are asked for here, and ends with the key.',
      access: rules.watch,
      audited: true,
      query: ticketParameters,
      responses: {
        201: {
          description: 'Created.',
          message: 'Ticket created successfully',
          data: named('WatchTicket', ticket),
          example: { ticket: 'pkt_Zk3v9x0qag9w3kxq2b1Zk3v9x0qag9w3kxq2b1Zk3v9', expires_at: 1763625660.123 },
          headers: ['Cache-Control'],
        },
      },
      handle: changes.ticket,
    }),
  ];
}
