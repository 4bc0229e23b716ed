import { rules } from '../../../application/access/access-rules.js';
import { SCOPES } from '../../../domain/api-key.js';
import { named } from '../openapi/named-schemas.js';
import { shape } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import { newKeySchema, rotationSchema } from './api-key.bodies.js';
import type { ApiKeyHandlers } from './api-key.handlers.js';

const KEYS = `${PROJECT}/api-keys`;

const scopes = { type: 'array', items: named('Scope', { type: 'string', enum: [...SCOPES] }) };
const instant = { type: ['number', 'null'], description: 'In seconds since 1970; null for never.' };
const prefix = { type: ['string', 'null'], description: 'Confines it to entries whose keys begin so.' };
const shown = {
  id: { type: 'string', description: 'The eight characters after `pkv_` in the key; `primary` if it has none.' },
  name: { type: 'string' },
  primary: { type: 'boolean', description: "Whether it is the project's primary key." },
  scopes,
  prefix,
  created_at: { ...instant, description: 'In seconds since 1970; null if that is not known.' },
  expires_at: instant,
  last_used_at: instant,
  previous_expires_at: { ...instant, description: 'Until when the secret before the last rotation works; null: not.' },
};
const listed = named('ApiKey', shape(shown));
const plain = { type: 'string', description: 'In plain text; it is not shown again.' };
const issued = named('IssuedApiKey', shape({ ...shown, key: plain }));

const example = {
  id: '3fg7kq2x',
  name: 'greenhouse',
  primary: false,
  scopes: ['read', 'list'],
  prefix: 'iot/7/',
  created_at: 1763625600.5,
  expires_at: 1763632800.5,
  last_used_at: null,
  previous_expires_at: null,
};
const issuedExample = { ...example, key: 'pkv_3fg7kq2x_4rWq0mZVt1yB8nC5sJpLxEoHdUiAfKg9TzRvYwQb2c0a1b2c' };

/** API keys of a project, and what the presented one is. */
export function keyRoutes(keys: ApiKeyHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'listApiKeys',
      tag: 'Keys',
      method: 'GET',
      path: KEYS,
      summary: "A project's API keys, without their secrets",
      description: 'A key with a prefix sees those within it. Expired keys are listed for a day at least.',
      access: rules.keys,
      compressible: true,
      responses: {
        200: {
          description: 'The primary key first, then the others in the order of their creation.',
          message: "API keys of project 'first_project' fetched successfully",
          data: { type: 'array', items: listed },
          example: [example],
        },
      },
      handle: keys.list,
    }),
    defineRoute({
      id: 'createApiKey',
      tag: 'Keys',
      method: 'POST',
      path: KEYS,
      summary: 'Create an API key',
      description:
        'A key may not grant more than it has: another scope, a prefix outside its own (or none, if it has one), ' +
        'a later expiry than its own (or none).',
      access: rules.keys,
      body: 'json',
      content: {
        schema: named('NewKeyBody', newKeySchema),
        examples: {
          'application/json': {
            name: 'greenhouse',
            scopes: ['read', 'list'],
            prefix: 'iot/7/',
            expires_in: 7200,
          },
        },
      },
      responses: {
        201: {
          description: 'Created. The key in plain text is not shown again.',
          message: 'API key created successfully. Store the returned API key securely as it may not be shown again.',
          data: issued,
          example: issuedExample,
          headers: ['Cache-Control'],
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: keys.create,
    }),
    defineRoute({
      id: 'deleteApiKey',
      tag: 'Keys',
      method: 'DELETE',
      path: `${KEYS}/{id}`,
      summary: 'Delete an API key',
      description: 'It fails from the very next request on. The primary key cannot be deleted (409).',
      access: rules.keys,
      responses: {
        200: {
          description: 'Deleted.',
          message: "API key '3fg7kq2x' deleted successfully from project 'first_project'",
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: keys.delete,
    }),
    defineRoute({
      id: 'rotateApiKey',
      tag: 'Keys',
      method: 'POST',
      path: `${KEYS}/{id}/rotate`,
      summary: 'Give an API key a new secret',
      description:
        'Id and rights stay. The old secret works for another `grace` seconds, 0 if the body is empty. ' +
        'A key that may do more than the own one cannot be rotated. ' +
        'The primary key is replaced by `config/regenerate-api-key` instead (409).',
      access: rules.keys,
      body: 'json',
      content: {
        required: false,
        schema: named('RotationBody', rotationSchema),
        examples: { 'application/json': { grace: 3600 } },
      },
      responses: {
        201: {
          description: 'Rotated. The key in plain text is not shown again.',
          message:
            "API key '3fg7kq2x' rotated successfully. " +
            'Store the returned API key securely as it may not be shown again.',
          data: issued,
          example: issuedExample,
          headers: ['Cache-Control'],
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: keys.rotate,
    }),
    defineRoute({
      id: 'whoAmI',
      tag: 'Keys',
      method: 'GET',
      path: '/api/v1/whoami',
      summary: 'What the presented key is and may do',
      description:
        'A project key that does not begin with `pkv_` is not recognised here, because the path names no project.',
      access: rules.any,
      responses: {
        200: {
          description: 'What it is.',
          message: 'API key recognised',
          data: named(
            'Caller',
            shape({
              kind: { type: 'string', enum: ['system', 'project', 'anonymous'] },
              id: { type: ['string', 'null'], description: 'Null if it has none.' },
              name: { type: 'string' },
              project: { type: ['string', 'null'], description: 'Null for the system key.' },
              scopes,
              prefix,
              expires_at: instant,
            }),
          ),
          example: {
            kind: 'project',
            id: '3fg7kq2x',
            name: 'greenhouse',
            project: 'first_project',
            scopes: ['read', 'list'],
            prefix: 'iot/7/',
            expires_at: 1763632800.5,
          },
          headers: ['Cache-Control'],
        },
      },
      handle: keys.whoAmI,
    }),
  ];
}
