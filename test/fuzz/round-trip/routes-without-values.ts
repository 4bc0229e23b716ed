/**
 * The routes that neither take nor return values, by hand: a route that is neither here nor in a row makes the test
 * fail.
 */
export const routesWithoutValues: readonly string[] = [
  ...['live', 'ready', 'openApi', 'docs', 'root', 'status', 'metrics', 'readAudit', 'listNodes', 'whoAmI'],
  ...['listProjects', 'createProject', 'deleteProject', 'getProject', 'updateProject', 'rotateEncryptionKey'],
  ...['listApiKeys', 'createApiKey', 'deleteApiKey', 'rotateApiKey', 'regenerateApiKey', 'createWatchTicket'],
  ...['listMigrations', 'getMigration', 'rollBackMigration'],
  ...['listSnapshots', 'getSnapshot', 'deleteSnapshot', 'verifySnapshot'],
  ...['deleteValue', 'deleteValueByQuery', 'removeEntries', 'removeUnstorage'],
  ...['listCloudflareNamespaces', 'createCloudflareNamespace', 'getCloudflareNamespace', 'renameCloudflareNamespace'],
  ...['deleteCloudflareNamespace', 'deleteCloudflareValue', 'deleteCloudflareBulk', 'postCloudflareBulkDelete'],
];
