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
