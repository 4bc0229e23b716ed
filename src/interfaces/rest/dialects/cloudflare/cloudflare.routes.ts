import { rules } from '../../../../application/access/access-rules.js';
import type { Route } from '../../routing/route.js';
import { routesOf } from '../dialect-route.js';
import type { BulkHandlers } from './bulk.handlers.js';
import { cloudflareError } from './cloudflare-envelope.js';
import { type NamespaceHandlers, namespaceParameters } from './namespace.handlers.js';
import { expiryParameters, keyParameters, type ValueHandlers } from './value.handlers.js';

const NAMESPACES = '/client/v4/accounts/{account}/storage/kv/namespaces';
const NAMESPACE = `${NAMESPACES}/{project}`;
const VALUE = `${NAMESPACE}/values/{key*}`;
const BULK = `${NAMESPACE}/bulk`;

const route = routesOf({ name: 'cloudflare', errorShape: cloudflareError });

/** What Cloudflare's API has for Workers KV. The account may be anything. */
export function cloudflareRoutes(
  namespaces: NamespaceHandlers,
  values: ValueHandlers,
  bulk: BulkHandlers,
): readonly Route[] {
  return [...namespaceRoutes(namespaces), ...valueRoutes(values), ...bulkRoutes(bulk)];
}

function namespaceRoutes(namespaces: NamespaceHandlers): readonly Route[] {
  return [
    route({
      id: 'listCloudflareNamespaces',
      method: 'GET',
      path: NAMESPACES,
      summary: 'The namespaces that the key may see',
      access: rules.any,
      query: namespaceParameters,
      handle: namespaces.list,
    }),
    route({
      id: 'createCloudflareNamespace',
      method: 'POST',
      path: NAMESPACES,
      summary: 'Create a project that names this dialect',
      access: rules.system,
      body: 'json',
      handle: namespaces.create,
    }),
    route({
      id: 'getCloudflareNamespace',
      method: 'GET',
      path: NAMESPACE,
      summary: 'A namespace',
      access: rules.member,
      handle: namespaces.get,
    }),
    route({
      id: 'renameCloudflareNamespace',
      method: 'PUT',
      path: NAMESPACE,
      summary: 'Refuses every title but the one that the namespace has',
      access: rules.system,
      body: 'json',
      handle: namespaces.rename,
    }),
    route({
      id: 'deleteCloudflareNamespace',
      method: 'DELETE',
      path: NAMESPACE,
      summary: 'Delete the project',
      access: rules.system,
      handle: namespaces.delete,
    }),
  ];
}

function valueRoutes(values: ValueHandlers): readonly Route[] {
  return [
    route({
      id: 'listCloudflareKeys',
      method: 'GET',
      path: `${NAMESPACE}/keys`,
      summary: 'Keys with their expiry and metadata',
      access: rules.listWithin,
      query: keyParameters,
      handle: values.list,
    }),
    route({
      id: 'getCloudflareValue',
      method: 'GET',
      path: VALUE,
      summary: 'The bytes of a value',
      access: rules.read,
      handle: values.get,
    }),
    route({
      id: 'putCloudflareValue',
      method: 'PUT',
      path: VALUE,
      summary: 'Write a value, with metadata in a form',
      access: rules.write,
      query: expiryParameters,
      body: 'value-or-form',
      handle: values.put,
    }),
    route({
      id: 'deleteCloudflareValue',
      method: 'DELETE',
      path: VALUE,
      summary: 'Delete a key',
      access: rules.remove,
      handle: values.delete,
    }),
    route({
      id: 'getCloudflareMetadata',
      method: 'GET',
      path: `${NAMESPACE}/metadata/{key*}`,
      summary: 'The metadata of a key',
      access: rules.read,
      handle: values.getMetadata,
    }),
  ];
}

function bulkRoutes(bulk: BulkHandlers): readonly Route[] {
  return [
    route({
      id: 'putCloudflareBulk',
      method: 'PUT',
      path: BULK,
      summary: 'Write many values',
      access: rules.writeWithin,
      body: 'transaction',
      handle: bulk.put,
    }),
    route({
      id: 'deleteCloudflareBulk',
      method: 'DELETE',
      path: BULK,
      summary: 'Delete many keys',
      access: rules.removeWithin,
      body: 'transaction',
      handle: bulk.delete,
    }),
    route({
      id: 'postCloudflareBulkDelete',
      method: 'POST',
      path: `${BULK}/delete`,
      summary: 'Delete many keys',
      access: rules.removeWithin,
      body: 'transaction',
      handle: bulk.delete,
    }),
    route({
      id: 'postCloudflareBulkGet',
      method: 'POST',
      path: `${BULK}/get`,
      summary: 'Read many values',
      access: rules.readWithin,
      body: 'transaction',
      changes: false,
      handle: bulk.get,
    }),
  ];
}
