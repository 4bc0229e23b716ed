import type { Scope } from '../../../src/domain/api-key.js';

/**
 * Who may call a route: everybody; the system key; any valid key; or keys of the project that hold all of `needs`, and the system key
 * where `system` says so. What a prefix does to a key: `key`: it may name keys within; `slice`: the answer is about its slice only;
 * `closed`: the route is closed to it; `free`: nothing.
 */
export type Access =
  | 'open'
  | 'system'
  | 'any'
  | {
      readonly needs: readonly Scope[];
      readonly system?: true;
      readonly prefix: 'key' | 'slice' | 'closed' | 'free';
    };

const read: Access = { needs: ['read'], prefix: 'key' };
const write: Access = { needs: ['write'], prefix: 'key' };
const remove: Access = { needs: ['delete'], prefix: 'key' };
const wholeProject: Access = { needs: ['admin'], system: true, prefix: 'closed' };
const keys: Access = { needs: ['admin'], system: true, prefix: 'slice' };

/** Written by hand, not made from the route table: a route that is not here fails the test. */
export const accessTable: Readonly<Record<string, Access>> = {
  live: 'open',
  ready: 'open',
  openApi: 'open',
  docs: 'open',
  root: 'open',
  status: 'system',
  metrics: 'system',
  listProjects: 'system',
  createProject: 'system',
  deleteProject: 'system',
  regenerateApiKey: 'system',
  whoAmI: 'any',
  getProject: { needs: [], system: true, prefix: 'free' },
  updateProject: wholeProject,
  listMigrations: wholeProject,
  getMigration: wholeProject,
  rollBackMigration: wholeProject,
  listSnapshots: wholeProject,
  createSnapshot: wholeProject,
  getSnapshot: wholeProject,
  deleteSnapshot: wholeProject,
  restoreSnapshot: wholeProject,
  rotateEncryptionKey: 'system',
  listApiKeys: keys,
  createApiKey: keys,
  deleteApiKey: keys,
  rotateApiKey: keys,
  getItem: read,
  getItemValue: read,
  getValue: read,
  getValueByQuery: read,
  latestEntry: read,
  putItem: write,
  patchItem: write,
  incrementItem: write,
  appendToItem: write,
  touchItem: write,
  putValue: write,
  putValueByQuery: write,
  patchValue: write,
  patchValueByQuery: write,
  storeForm: write,
  deleteItem: remove,
  deleteValue: remove,
  deleteValueByQuery: remove,
  removeEntries: { needs: ['delete'], prefix: 'slice' },
  listEntries: { needs: ['list', 'read'], prefix: 'slice' },
  runTransaction: { needs: ['read', 'write', 'delete'], prefix: 'key' },
  exportStore: { needs: ['list', 'read'], prefix: 'slice' },
  importStore: write,
  watchChanges: { needs: ['watch'], prefix: 'slice' },
};
