import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { itemExample, ref, shape, versionSchema } from '../openapi/schemas.js';
import { ITEM } from '../routing/paths.js';
import { oneOf } from '../routing/query-parameters.js';
import type { Route } from '../routing/route.js';
import { alsoByPost, defineRoute } from '../routing/route.js';
import { as, asIfAsked } from '../routing/value-view.js';
import { incrementSchema, touchSchema } from './entry.bodies.js';
import { anyValue, mergePatch, moreBytes, partialValue, rawValue, unchanged } from './entry.examples.js';
import type { EntryHandlers } from './entry.handlers.js';
import { expiryParameters } from './expiry-parameters.js';
import { metaParameters } from './meta-header.js';

/** The parameters and the response of a write that returns the entry before it, if that is asked for. */
const returnOld = {
  return: oneOf('Returns the entry as it was before, in `data`; needs the scope `read`, too.', ['old']),
  as,
};
const oldItem = { anyOf: [ref('Item'), { type: 'null', description: 'Not asked for, or there was no entry.' }] };

/** One entry, in the envelope. */
export function entryRoutes(entries: EntryHandlers): readonly Route[] {
  return alsoByPost([
    defineRoute({
      id: 'getItem',
      tag: 'Entries',
      method: 'GET',
      path: ITEM,
      summary: 'An entry with its metadata',
      access: rules.read,
      system: true,
      query: { as: asIfAsked },
      conditional: true,
      responses: {
        200: {
          description: 'The entry.',
          message: "Key 'greeting' fetched successfully from project 'first_project' store",
          data: ref('Item'),
          example: itemExample,
          headers: ['ETag', 'Cache-Control'],
        },
        304: unchanged,
      },
      errors: ['not_found'],
      handle: entries.getItem,
    }),
    defineRoute({
      id: 'putItem',
      tag: 'Entries',
      method: 'PUT',
      path: ITEM,
      summary: 'Store a value',
      description:
        'The bytes are kept as they come, with their content type. At most one parameter may be given for the expiry.',
      access: rules.write,
      system: true,
      query: { ...expiryParameters, ...metaParameters, ...returnOld },
      conditional: true,
      body: 'value',
      content: anyValue,
      responses: {
        200: {
          description: 'Stored.',
          message: "Key 'greeting' set successfully in project 'first_project' store",
          data: oldItem,
          headers: ['ETag'],
        },
      },
      handle: entries.putItem,
    }),
    defineRoute({
      id: 'patchItem',
      tag: 'Entries',
      method: 'PATCH',
      path: ITEM,
      summary: 'Apply a JSON Merge Patch (RFC 7396)',
      access: rules.write,
      conditional: true,
      body: 'value',
      content: mergePatch,
      responses: {
        200: {
          description: 'Patched.',
          message: "Key 'greeting' patched successfully",
          data: ref('Item'),
          example: itemExample,
          headers: ['ETag'],
        },
      },
      errors: ['not_found', 'unprocessable', 'unsupported_media_type'],
      handle: entries.patchItem,
    }),
    defineRoute({
      id: 'deleteItem',
      tag: 'Entries',
      method: 'DELETE',
      path: ITEM,
      summary: 'Delete an entry',
      access: rules.remove,
      query: returnOld,
      conditional: true,
      responses: {
        200: {
          description: 'Deleted.',
          message: "Key 'greeting' deleted successfully from project 'first_project' store",
          data: oldItem,
        },
      },
      errors: ['not_found'],
      handle: entries.deleteItem,
    }),
    defineRoute({
      id: 'getItemValue',
      tag: 'Entries',
      method: 'GET',
      path: `${ITEM}/value`,
      summary: 'The raw value of an entry',
      access: rules.read,
      conditional: true,
      ranged: true,
      responses: { 200: rawValue, 206: partialValue, 304: unchanged },
      errors: ['not_found', 'range_not_satisfiable'],
      handle: entries.getValue,
    }),
    defineRoute({
      id: 'incrementItem',
      tag: 'Entries',
      method: 'POST',
      path: `${ITEM}/increment`,
      summary: 'Add to an integer',
      description:
        'Exact, of whatever size. A missing entry counts as 0. A body is not needed. `ttl` or `expires_at` counts ' +
        'only if this creates the entry, so that a counter has one window; the response has the expiry that holds.',
      access: rules.write,
      conditional: true,
      body: 'json',
      content: {
        required: false,
        schema: named('IncrementBody', incrementSchema),
        examples: { 'application/json': { by: 1, ttl: 60 } },
      },
      examplePath: { key: 'visits' },
      responses: {
        200: {
          description: 'Added.',
          message: "Key 'visits' incremented successfully",
          data: ref('Counter'),
          example: { ...itemExample, value: 42, value_text: '42', size_bytes: 2, expires_at: 1763629200.123 },
          headers: ['ETag'],
        },
      },
      errors: ['unprocessable'],
      handle: entries.increment,
    }),
    defineRoute({
      id: 'appendToItem',
      tag: 'Entries',
      method: 'POST',
      path: `${ITEM}/append`,
      summary: 'Append bytes to a value',
      description: 'Creates the entry if it is missing.',
      access: rules.write,
      conditional: true,
      body: 'value',
      content: moreBytes,
      examplePath: { key: 'log' },
      responses: {
        200: {
          description: 'Appended.',
          message: "Key 'log' appended to successfully",
          data: shape({ size_bytes: { type: 'integer', minimum: 0 }, version: versionSchema }),
          example: { size_bytes: 12, version: 'g9w3kxq2b1' },
          headers: ['ETag'],
        },
      },
      handle: entries.append,
    }),
    defineRoute({
      id: 'touchItem',
      tag: 'Entries',
      method: 'POST',
      path: `${ITEM}/touch`,
      summary: 'Set or remove the expiry of an entry',
      access: rules.write,
      conditional: true,
      body: 'json',
      content: { schema: named('TouchBody', touchSchema), examples: { 'application/json': { ttl: 3600 } } },
      responses: {
        200: {
          description: 'Set; null: it never expires.',
          message: "Key 'greeting' touched successfully",
          data: shape({ expires_at: { type: ['number', 'null'] }, version: versionSchema }),
          example: { expires_at: 1763629200.123, version: 'g9w3kxq2b1' },
          headers: ['ETag'],
        },
      },
      errors: ['not_found'],
      handle: entries.touch,
    }),
  ]);
}
