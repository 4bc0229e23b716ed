// Loaded by `node --import` before the server: stores are not fenced, which the test of sleepers is to notice.
import { engineNamed, remoteEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';

for (const name of remoteEngineNames) {
  const { server } = await engineNamed(name);
  Object.assign(server ?? {}, { fence: async () => undefined });
}
