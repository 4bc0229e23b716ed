import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { itemExample, keptFiles, ref, shape, viewedExample } from '../openapi/schemas.js';
import { PROJECT, STORE } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import type { FormHandlers } from './form.handlers.js';
import { type ListHandlers, latestParameters, listParameters, removeParameters } from './list.handlers.js';

const count = { type: 'integer', minimum: 0 };
const byKey = { type: 'object', additionalProperties: ref('Item') };
const listed = named('ListedItem', { oneOf: [ref('KeyedItem'), ref('KeyedMetadata')] });
const items = named('PageItems', {
  description: 'By key; with `items=array` or `items=meta` a list in order.',
  oneOf: [named('Entries', byKey), named('ItemList', { type: 'array', items: listed })],
});
const keys = { type: 'array', items: { type: 'string' } };

const prefixCount = shape(
  {
    prefix: { type: 'string' },
    count: { ...count, description: 'At most 1,000, and less if a page has very many entries below its prefixes.' },
    size_bytes: { ...count, description: 'Of the values that were counted; only for keys with the scope `read`.' },
    complete: { type: 'boolean', description: 'False if there are more entries than `count`.' },
  },
  ['size_bytes'],
);

const page = shape(
  {
    items,
    keys: { ...keys, description: 'Instead of `items`, with `keys_only`.' },
    prefixes: { ...keys, description: 'With `separator`.' },
    prefix_counts: {
      type: 'array',
      items: named('PrefixCount', prefixCount),
      description: 'In the order of `prefixes`, with `count=prefixes`.',
    },
    cursor: { type: ['string', 'null'], description: 'For the next page; null on the last one.' },
    count: { ...count, description: 'With `count`.' },
  },
  ['items', 'keys', 'prefixes', 'prefix_counts', 'count'],
);

const listData = named('ListData', {
  oneOf: [
    named('EntryPage', page),
    named('EntryCount', shape({ count, size_bytes: { ...count, description: 'With `count=bytes`.' } }, ['size_bytes'])),
    named('Entries', byKey),
  ],
});

const removal = named('Removal', {
  oneOf: [
    { type: 'null' },
    named('RemovedCount', shape({ count: { type: ['integer', 'null'], minimum: 0 } })),
    named('KeptFiles', shape({ kept: keptFiles })),
  ],
});

/** Many entries at once. */
export function storeRoutes(lists: ListHandlers, forms: FormHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'listEntries',
      tag: 'Store',
      method: 'GET',
      path: STORE,
      summary: 'The whole store, or a page of it',
      description:
        'Without a parameter: every entry, by key. With any: a page of 100 or as `limit` says. ' +
        'A page of keys from `start` on and before `end`, with `reverse` from the last one to the first. ' +
        '`separator` folds keys into `prefixes`, as a tree shows them, and skips what is folded: a page costs the ' +
        'same however much that is. `count=prefixes` adds how much. ' +
        'Items and `count=bytes` need the scope `read` too, `keys_only` and `count=only` do not. ' +
        'HEAD reads no values. A key with a prefix gets the entries with that prefix. ' +
        'Forbidden if `security.keys_and_values_discoverable` is false.',
      access: rules.listWithin,
      query: listParameters,
      compressible: true,
      responses: {
        200: {
          description: 'The whole store; a page of it; or a count.',
          message: '',
          data: listData,
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
      description: 'If no header has an API key, the field `auth` is taken as the key and not stored.',
      access: rules.writeWithin,
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
      handle: forms.storeForm,
    }),
    defineRoute({
      id: 'removeEntries',
      tag: 'Store',
      method: 'DELETE',
      path: STORE,
      summary: 'Delete all entries, or those with a prefix',
      description: 'A key with a prefix deletes only the entries with that prefix.',
      access: rules.removeWithin,
      query: removeParameters,
      responses: {
        200: {
          description:
            'Deleted. With `prefix` or `dry_run`, `data` says how many; null if the project hides its keys. ' +
            'Without, it names the files of damaged data, which are put aside, to keys with the scope `admin`.',
          message: "All key-value pairs deleted successfully from project 'first_project' store",
          data: removal,
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
      responses: {
        200: {
          description: 'The entry, with its key.',
          message: "Key 'greeting' fetched successfully from project 'first_project' store",
          data: ref('KeyedItem'),
          example: { key: 'greeting', ...viewedExample },
        },
      },
      errors: ['forbidden', 'not_found'],
      handle: lists.latest,
    }),
  ];
}
