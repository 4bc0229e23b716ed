import type { Handlers } from '../handlers.js';
import { itemExample, ref, shape } from '../openapi/schemas.js';
import { rules } from '../routing/access-rules.js';
import { defineRoute } from '../routing/define-route.js';
import { PROJECT, STORE } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { transactionSchema } from '../transactions/transaction.body.js';
import { latestParameters, listParameters, removeParameters } from './list.handlers.js';

const count = { type: 'integer', minimum: 0 };
const items = { type: 'object', additionalProperties: ref('Item') };
const keys = { type: 'array', items: { type: 'string' } };

const page = shape(
  {
    items,
    keys: { ...keys, description: 'Instead of `items`, with `keys_only`.' },
    prefixes: { ...keys, description: 'With `separator`.' },
    cursor: { type: ['string', 'null'], description: 'For the next page; null on the last one.' },
    count: { ...count, description: 'With `count`.' },
  },
  ['items', 'keys', 'prefixes', 'count'],
);

const result = {
  anyOf: [
    {
      ...shape({ version: { type: 'string' }, value: { type: 'integer', description: 'Of `increment`.' } }, ['value']),
    },
    shape({ existed: { type: 'boolean', description: 'Of `delete`.' } }),
    ref('Item'),
    { type: 'null', description: 'Of `get`, if there is no entry.' },
  ],
};

/** Many entries at once. */
export function storeRoutes({ lists, transactions }: Handlers): readonly Route[] {
  return [
    defineRoute({
      id: 'listEntries',
      tag: 'Store',
      method: 'GET',
      path: STORE,
      summary: 'The whole store, or a page of it',
      description:
        'Without a parameter: every entry, by key. With any: a page of 100 or as `limit` says. Items need the scope `read` too, `keys_only` and `count=only` do not. A key with a prefix gets its own slice. Forbidden where `security.keys_and_values_discoverable` is false.',
      access: rules.listSlice,
      query: listParameters,
      compressible: true,
      responses: {
        200: {
          description: 'The whole store; a page of it; or a count.',
          message: '',
          data: { anyOf: [page, shape({ count }), items] },
          example: { greeting: itemExample },
          headers: ['Link'],
        },
      },
      errors: ['forbidden'],
      handle: lists.list,
    }),
    defineRoute({
      id: 'storeForm',
      tag: 'Store',
      method: 'POST',
      path: STORE,
      summary: 'Store all fields of a form, or none',
      description: 'The field `auth` is taken as the API key, and not stored, where no header brings one.',
      access: rules.writeSlice,
      body: 'form',
      compressible: true,
      content: {
        schema: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
        examples: { 'application/x-www-form-urlencoded': { a: '1', b: '2' } },
      },
      responses: {
        200: {
          description: 'All stored.',
          message: "2 keys set successfully in project 'first_project' store",
          data: { type: 'object', additionalProperties: ref('Written') },
          example: { a: { version: 'g9w3kxq2b1' }, b: { version: 'g9w3kxq2b1' } },
        },
      },
      errors: ['unsupported_media_type'],
      handle: transactions.storeForm,
    }),
    defineRoute({
      id: 'removeEntries',
      tag: 'Store',
      method: 'DELETE',
      path: STORE,
      summary: 'Delete all entries, or those with a prefix',
      description: 'A key with a prefix deletes its own slice only.',
      access: rules.removeSlice,
      query: removeParameters,
      responses: {
        200: {
          description:
            'Deleted. With `prefix` or `dry_run`, `data` says how many; null where the project hides its keys.',
          message: "All key-value pairs deleted successfully from project 'first_project' store",
          data: { anyOf: [{ type: 'null' }, shape({ count: { type: ['integer', 'null'], minimum: 0 } })] },
          example: null,
        },
      },
      errors: ['forbidden'],
      handle: lists.remove,
    }),
    defineRoute({
      id: 'latestEntry',
      tag: 'Store',
      method: 'GET',
      path: `${PROJECT}/latest`,
      summary: 'The entry updated last among several',
      description: 'Takes either `key`, once or more, or `prefix`.',
      access: rules.read,
      query: latestParameters,
      required: ['key'],
      responses: {
        200: {
          description: 'The entry, with its key.',
          message: "Key 'greeting' fetched successfully from project 'first_project' store",
          data: ref('KeyedItem'),
          example: { key: 'greeting', ...itemExample },
        },
      },
      errors: ['forbidden', 'not_found'],
      handle: lists.latest,
    }),
    defineRoute({
      id: 'runTransaction',
      tag: 'Store',
      method: 'POST',
      path: `${PROJECT}/transactions`,
      summary: 'Run several operations at one moment, or none',
      description:
        'Up to 1,000 operations on distinct keys. Reads see the state before the writes. If a check does not hold, nothing happens. Each operation needs its own scope (`get` and checks `read`, `delete` `delete`, the others `write`); the new value of `increment` is shown only to keys with `read`.',
      access: rules.transaction,
      body: 'transaction',
      compressible: true,
      content: {
        schema: transactionSchema,
        examples: {
          'application/json': {
            checks: [{ key: 'greeting', exists: true }],
            operations: [
              { get: { key: 'greeting' } },
              { put: { key: 'config', json: { on: true } } },
              { increment: { key: 'visits', by: 1 } },
              { delete: { key: 'old' } },
            ],
          },
        },
      },
      responses: {
        200: {
          description: 'Committed; results by position.',
          message: 'Transaction committed',
          data: shape({ committed: { const: true }, results: { type: 'array', items: result } }),
          example: {
            committed: true,
            results: [itemExample, { version: 'g9w3kxq2b1' }, { version: 'g9w3kxq2b1', value: 1 }, { existed: false }],
          },
        },
      },
      errors: [
        'check_failed',
        'precondition_required',
        'unprocessable',
        'insufficient_scope',
        'insufficient_storage',
        'outcome_unknown',
      ],
      handle: transactions.run,
    }),
  ];
}
