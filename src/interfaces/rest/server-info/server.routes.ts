import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { shape } from '../openapi/schemas.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import type { HealthHandlers } from './health.handlers.js';

const readiness = shape(
  {
    status: { enum: ['ready', 'unavailable', 'draining'] },
    unavailable: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'The projects that cannot be served, each with the reason.',
    },
    unclaimed: {
      type: 'array',
      items: { type: 'string' },
      description:
        'Projects that have data in the data folder and are not in the configuration; only if there are any.',
    },
    warnings: {
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
      description: 'Settings of other servers that are unsafe for projects there; only if there are any.',
    },
  },
  ['unclaimed', 'warnings'],
);

const open = { type: 'object', additionalProperties: true };
const document = {
  type: 'object',
  properties: { openapi: { const: '3.1.0' }, info: open, paths: open },
  required: ['openapi', 'info', 'paths'],
  additionalProperties: true,
};

/** Routes of the server itself: health, state, metrics, documentation. */
export function serverRoutes(
  health: HealthHandlers,
  { metrics, openApi }: { metrics: Route['access']; openApi: () => string },
): readonly Route[] {
  return [
    defineRoute({
      id: 'live',
      tag: 'Server',
      method: 'GET',
      path: '/livez',
      summary: 'Whether the server runs',
      access: 'open',
      responses: {
        200: {
          description: 'It runs.',
          type: 'text/plain; charset=utf-8',
          schema: { type: 'string' },
          example: 'ok\n',
          headers: ['Cache-Control'],
        },
      },
      handle: health.live,
    }),
    defineRoute({
      id: 'ready',
      tag: 'Server',
      method: 'GET',
      path: '/readyz',
      summary: 'Whether every project can be served',
      access: 'open',
      responses: {
        200: {
          description: 'Every project can be served.',
          type: 'application/json',
          schema: named('Readiness', readiness),
          example: { status: 'ready', unavailable: {} },
          headers: ['Cache-Control'],
        },
        503: {
          description: 'Some projects cannot be served; the others are. Or the server is about to stop.',
          type: 'application/json',
          schema: named('Readiness', readiness),
          example: { status: 'unavailable', unavailable: { first_project: 'first_project_store.json is damaged' } },
          headers: ['Cache-Control'],
        },
      },
      handle: health.ready,
    }),
    defineRoute({
      id: 'status',
      tag: 'Server',
      method: 'GET',
      path: '/status',
      summary: 'The state of the server',
      access: rules.system,
      system: true,
      responses: { 200: { description: 'The state, in `System`.', message: 'PortKV server is fully operational.' } },
      handle: health.status,
    }),
    defineRoute({
      id: 'metrics',
      tag: 'Server',
      method: 'GET',
      path: '/metrics',
      summary: 'Figures for Prometheus',
      description: 'Open if `system.metrics.public` is true.',
      access: metrics,
      compressible: true,
      responses: {
        200: {
          description: 'The figures.',
          type: 'text/plain; version=0.0.4; charset=utf-8',
          schema: { type: 'string' },
          example: 'process_cpu_seconds_total 1.5\n',
          headers: ['Cache-Control'],
        },
      },
      handle: health.metrics,
    }),
    defineRoute({
      id: 'openApi',
      tag: 'Server',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description of the API, in OpenAPI 3.1',
      access: 'open',
      compressible: true,
      responses: {
        200: {
          description: 'The document.',
          type: 'application/json',
          schema: named('OpenApiDocument', document),
          example: { openapi: '3.1.0', info: { title: 'PortKV', version: '0.2.0' }, paths: {} },
        },
      },
      handle: () => ({ status: 200, headers: { 'Content-Type': 'application/json' }, body: openApi() }),
    }),
    defineRoute({
      id: 'root',
      tag: 'Server',
      method: 'GET',
      path: '/',
      summary: 'Leads browsers to the console, if it is on, and others to the documentation',
      access: 'open',
      responses: {
        302: { description: '`console/` or `docs`, relative to this path.', headers: ['Location'] },
      },
      handle: health.root,
    }),
  ];
}
