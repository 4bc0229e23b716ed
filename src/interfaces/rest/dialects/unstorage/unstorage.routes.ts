import { rules } from '../../../../application/access/access-rules.js';
import type { Route } from '../../routing/route.js';
import { routesOf } from '../dialect-route.js';
import type { UnstorageHandlers } from './unstorage.handlers.js';
import { unstorageError } from './unstorage-error.js';

const ITEM = '/unstorage/{project}/{item*}';

/** What unstorage's own server has, for its driver `http`. */
export function unstorageRoutes(unstorage: UnstorageHandlers): readonly Route[] {
  const route = routesOf({ name: 'unstorage', errorShape: unstorageError });
  return [
    route({
      id: 'readUnstorage',
      method: 'GET',
      path: ITEM,
      summary: 'An item, or the keys below a base',
      // To read an item and to list keys need different scopes, which the use cases ask for.
      access: rules.transaction,
      handle: unstorage.read,
    }),
    route({
      id: 'writeUnstorage',
      method: 'PUT',
      path: ITEM,
      summary: 'Set an item',
      access: rules.writeWithin,
      body: 'value',
      handle: unstorage.set,
    }),
    route({
      id: 'removeUnstorage',
      method: 'DELETE',
      path: ITEM,
      summary: 'Remove an item, or all items below a base',
      access: rules.removeWithin,
      handle: unstorage.remove,
    }),
  ];
}
