import { rules } from '../../../application/access/access-rules.js';
import { VALUES } from '../routing/paths.js';
import { keys, type Parameters } from '../routing/query-parameters.js';
import type { Route } from '../routing/route.js';
import { alsoByPost, defineRoute } from '../routing/route.js';
import { anyValue, mergePatch, partialValue, rawValue, unchanged } from './entry.examples.js';
import type { EntryHandlers } from './entry.handlers.js';
import { expiryParameters } from './expiry-parameters.js';
import { metaParameters } from './meta-header.js';

/** The bytes of one entry, with its key in the path or, for keys that clients would rewrite there, in the query. */
export function valueRoutes(handlers: EntryHandlers): readonly Route[] {
  const key = single(keys('The key, if a client would rewrite it in a path, such as `..`.'));
  return alsoByPost([
    ...rawRoutes(handlers, `${VALUES}/{key*}`, {}, ''),
    ...rawRoutes(handlers, VALUES, { key }, 'ByQuery'),
  ]);
}

function rawRoutes(entries: EntryHandlers, path: string, key: Parameters, suffix: string): readonly Route[] {
  const required = Object.keys(key);
  return [
    defineRoute({
      id: `getValue${suffix}`,
      tag: 'Values',
      method: 'GET',
      path,
      summary: 'The raw value of an entry',
      access: rules.read,
      query: key,
      required,
      conditional: true,
      ranged: true,
      responses: { 200: rawValue, 206: partialValue, 304: unchanged },
      errors: ['not_found', 'range_not_satisfiable'],
      handle: entries.getValue,
    }),
    defineRoute({
      id: `putValue${suffix}`,
      tag: 'Values',
      method: 'PUT',
      path,
      summary: 'Store a value',
      description: 'The bytes are kept as they come, with their content type; there may be none.',
      access: rules.write,
      query: { ...key, ...expiryParameters, ...metaParameters },
      required,
      conditional: true,
      body: 'value',
      content: { ...anyValue, required: false },
      responses: {
        201: { description: 'Stored; the entry is new.', headers: ['ETag'] },
        204: { description: 'Stored; the entry existed.', headers: ['ETag'] },
      },
      handle: entries.putValue,
    }),
    defineRoute({
      id: `patchValue${suffix}`,
      tag: 'Values',
      method: 'PATCH',
      path,
      summary: 'Apply a JSON Merge Patch (RFC 7396)',
      access: rules.write,
      query: key,
      required,
      conditional: true,
      body: 'value',
      content: mergePatch,
      responses: { 204: { description: 'Patched.', headers: ['ETag'] } },
      errors: ['not_found', 'unprocessable', 'unsupported_media_type'],
      handle: entries.patchValue,
    }),
    defineRoute({
      id: `deleteValue${suffix}`,
      tag: 'Values',
      method: 'DELETE',
      path,
      summary: 'Delete an entry',
      access: rules.remove,
      query: key,
      required,
      conditional: true,
      responses: { 204: { description: 'Deleted.' } },
      errors: ['not_found'],
      handle: entries.deleteValue,
    }),
  ];
}

function single<T extends { list: true }>({ list: _, ...parameter }: T): Omit<T, 'list'> {
  return parameter;
}
