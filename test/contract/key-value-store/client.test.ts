import { connect, type RemoteStore } from '../../../src/interfaces/client/client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import { keyValueStoreContract } from './key-value-store.contract.js';

onEveryEngine('The client', (on) => {
  let store: RemoteStore;
  before(async () => {
    const { id: project, key } = await on.project({ limits: { strict_json: false } });
    store = connect({ url: on.server.address, project, key });
  });
  after(() => store.close());
  keyValueStoreContract({ describe, it }, { name: 'on a server', store: () => store });
});
