import type { Scope } from '../../../src/domain/api-key.js';

/**
 * Who may call a route: everyone; the system key; any valid key; or API keys of the project with all scopes in `needs`,
 * and with `system` the system key. What a prefix restricts: `key`: the keys that the request names; `slice`: the
 * response to the keys with that prefix; `closed`: a key with a prefix may not call the route; `free`: nothing.
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

/** Written by hand, not derived from the route table: the test fails for a route that is missing here. */
export const accessTable: Readonly<Record<string, Access>> = {
  live: 'open',
  ready: 'open',
  openApi: 'open',
  docs: 'open',
  root: 'open',
  status: 'system',
  metrics: 'system',
  readAudit: 'system',
  listNodes: 'system',
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
  verifySnapshot: wholeProject,
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
  postItem: write,
  postValue: write,
  postValueByQuery: write,
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
  readUnstorage: read,
  writeUnstorage: write,
  removeUnstorage: remove,
  listCloudflareNamespaces: 'any',
  createCloudflareNamespace: 'system',
  getCloudflareNamespace: { needs: [], system: true, prefix: 'free' },
  renameCloudflareNamespace: 'system',
  deleteCloudflareNamespace: 'system',
  listCloudflareKeys: { needs: ['list', 'read'], prefix: 'slice' },
  getCloudflareValue: read,
  putCloudflareValue: write,
  deleteCloudflareValue: remove,
  getCloudflareMetadata: read,
  putCloudflareBulk: write,
  deleteCloudflareBulk: remove,
  postCloudflareBulkDelete: remove,
  postCloudflareBulkGet: read,
  runUpstash: read,
  pipelineUpstash: { needs: [], prefix: 'free' },
  transactUpstash: { needs: ['read', 'write'], prefix: 'key' },
  runUpstashByGet: read,
  runUpstashByPost: write,
  createWatchTicket: { needs: ['watch'], prefix: 'slice' },
  watchChanges: { needs: ['watch'], prefix: 'slice' },
};
