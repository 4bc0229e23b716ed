import type { Dialect } from '../../../src/domain/project.js';
import { type Access, accessTable } from '../api-keys/access-table.js';

/** A request to a route of a dialect, about the entry `key` of the project `p`. */
export interface DialectCall {
  /** The id of the route. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who may send it, if it is not what the access table says of its route. */
  readonly access?: Access;
}

interface DialectCalls {
  /** The key that they touch. */
  readonly key: string;
  readonly calls: readonly DialectCall[];
}

const ITEM = '/unstorage/p/in/x';
const NAMESPACES = '/client/v4/accounts/any/storage/kv/namespaces';
const NAMESPACE = `${NAMESPACES}/p`;
const VALUE = `${NAMESPACE}/values/in%2Fx`;
const TITLE = '{"title":"p"}';
const BASE = '/unstorage/p/in/:';
/** Commands on all keys, to which a prefix leaves some. */
const list: Access = { needs: ['list'], prefix: 'slice' };
const write: Access = { needs: ['write'], prefix: 'key' };
const remove: Access = { needs: ['delete'], prefix: 'key' };
const increment: Access = { needs: ['read', 'write'], prefix: 'key' };
const rename: Access = { needs: ['read', 'write', 'delete'], prefix: 'key' };

function upstash(access: Access, ...command: readonly (string | number)[]): DialectCall {
  return { route: 'runUpstash', method: 'POST', path: '/upstash/p', body: JSON.stringify(command), access };
}

/** At least one for each route. */
export const dialectCalls: Readonly<Partial<Record<Dialect, DialectCalls>>> = {
  unstorage: {
    key: 'in:x',
    calls: [
      { route: 'readUnstorage', method: 'GET', path: ITEM },
      { route: 'readUnstorage', method: 'HEAD', path: ITEM },
      { route: 'readUnstorage', method: 'GET', path: '/unstorage/p/:', access: { needs: ['list'], prefix: 'slice' } },
      { route: 'readUnstorage', method: 'GET', path: '/unstorage/p/', access: { needs: ['list'], prefix: 'slice' } },
      { route: 'readUnstorage', method: 'GET', path: BASE, access: { needs: ['list'], prefix: 'key' } },
      { route: 'writeUnstorage', method: 'PUT', path: ITEM, body: 'x' },
      { route: 'removeUnstorage', method: 'DELETE', path: ITEM },
      { route: 'removeUnstorage', method: 'DELETE', path: BASE, access: { needs: ['delete'], prefix: 'key' } },
      {
        route: 'removeUnstorage',
        method: 'DELETE',
        path: '/unstorage/p/:',
        access: accessTable.removeEntries as Access,
      },
    ],
  },
  cloudflare: {
    key: 'in/x',
    calls: [
      { route: 'getCloudflareValue', method: 'GET', path: VALUE },
      { route: 'getCloudflareValue', method: 'GET', path: `${NAMESPACE}/values/in/x` },
      { route: 'getCloudflareMetadata', method: 'GET', path: `${NAMESPACE}/metadata/in%2Fx` },
      { route: 'putCloudflareValue', method: 'PUT', path: VALUE, body: 'x' },
      { route: 'deleteCloudflareValue', method: 'DELETE', path: VALUE },
      { route: 'listCloudflareKeys', method: 'GET', path: `${NAMESPACE}/keys` },
      {
        route: 'listCloudflareKeys',
        method: 'GET',
        path: `${NAMESPACE}/keys?prefix=in/x`,
        access: { needs: ['list', 'read'], prefix: 'key' },
      },
      { route: 'putCloudflareBulk', method: 'PUT', path: `${NAMESPACE}/bulk`, body: '[{"key":"in/x","value":"1"}]' },
      { route: 'deleteCloudflareBulk', method: 'DELETE', path: `${NAMESPACE}/bulk`, body: '["in/x"]' },
      { route: 'postCloudflareBulkDelete', method: 'POST', path: `${NAMESPACE}/bulk/delete`, body: '["in/x"]' },
      { route: 'postCloudflareBulkGet', method: 'POST', path: `${NAMESPACE}/bulk/get`, body: '{"keys":["in/x"]}' },
      { route: 'getCloudflareNamespace', method: 'GET', path: NAMESPACE },
      { route: 'renameCloudflareNamespace', method: 'PUT', path: NAMESPACE, body: TITLE },
      { route: 'listCloudflareNamespaces', method: 'GET', path: NAMESPACES },
      { route: 'createCloudflareNamespace', method: 'POST', path: NAMESPACES, body: TITLE },
      // Refused before it deletes what the others need: it takes no condition.
      { route: 'deleteCloudflareNamespace', method: 'DELETE', path: NAMESPACE, headers: { 'if-match': '*' } },
    ],
  },
  upstash: {
    key: 'in/x',
    calls: [
      { route: 'runUpstash', method: 'POST', path: '/upstash/p', body: '["GET","in/x"]' },
      { route: 'runUpstashByGet', method: 'GET', path: '/upstash/p/get/in%2Fx' },
      { route: 'runUpstashByPost', method: 'POST', path: '/upstash/p/set/in%2Fx', body: 'v' },
      { route: 'pipelineUpstash', method: 'POST', path: '/upstash/p/pipeline', body: '[["GET","in/x"]]' },
      {
        route: 'transactUpstash',
        method: 'POST',
        path: '/upstash/p/multi-exec',
        body: '[["GET","in/x"],["SET","in/x",1]]',
      },
      upstash(write, 'SETNX', 'in/x', 1),
      upstash(increment, 'INCR', 'in/x'),
      upstash(increment, 'SET', 'in/x', 1, 'GET'),
      upstash(write, 'APPEND', 'in/x', 1),
      upstash(write, 'EXPIRE', 'in/x', 1000, 'LT'),
      upstash(remove, 'DEL', 'in/x'),
      upstash(write, 'SET', 'in/x', 1),
      upstash(accessTable.getItem as Access, 'TTL', 'in/x'),
      upstash(rename, 'RENAME', 'in/x', 'in/xy'),
      upstash(list, 'SCAN', 0, 'MATCH', 'in/*'),
      upstash(list, 'KEYS', '*'),
      upstash(list, 'DBSIZE'),
      upstash({ needs: ['delete'], prefix: 'slice' }, 'FLUSHDB'),
    ],
  },
};
