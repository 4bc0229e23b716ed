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
};
