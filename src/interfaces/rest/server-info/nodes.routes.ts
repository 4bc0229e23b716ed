import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { shape } from '../openapi/schemas.js';
import { defineRoute, type Route } from '../routing/route.js';
import type { NodeHandlers } from './node.handlers.js';

const node = named(
  'Node',
  shape({
    id: { type: ['string', 'null'], description: '`system.node.id`; null if it has none.' },
    version: { type: ['string', 'null'], description: 'Null if it does not say that.' },
    address: { type: ['string', 'null'], description: 'Where its REST API listens; null until it does.' },
    state: { enum: ['starting', 'serving', 'draining', null] },
    self: { type: 'boolean', description: 'Whether it is the one that answers.' },
    revision: { type: ['integer', 'null'], description: 'Of the registry, as it serves it; null without one.' },
    current: { type: 'boolean', description: 'Whether that is the newest revision.' },
    leases: {
      type: 'array',
      items: { type: 'string' },
      description:
        'What it alone may do: `maintenance` (remove expired entries, take snapshots), or moves of projects.',
    },
    silent_for: {
      type: 'number',
      description: 'For so many seconds, at least, it has not reported; after 2 it refuses requests, or has ended.',
    },
  }),
);

const example = {
  id: 'kv1-5c0e2a',
  version: '1.0.0',
  address: 'http://10.0.0.7:23849',
  state: 'serving',
  self: true,
  revision: 42,
  current: true,
  leases: ['maintenance'],
  silent_for: 0,
};

/** The servers that share a registry. */
export function nodeRoutes(nodes: NodeHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'listNodes',
      tag: 'Server',
      method: 'GET',
      path: '/api/v1/nodes',
      summary: 'The servers that share a registry',
      description: 'Those that have reported and not stopped in good order. Without a registry, this one alone.',
      access: rules.system,
      responses: {
        200: {
          description: 'The servers, in the order of their ids.',
          message: 'Servers fetched successfully',
          data: { type: 'array', items: node },
          example: [example],
        },
      },
      handle: nodes.list,
    }),
  ];
}
