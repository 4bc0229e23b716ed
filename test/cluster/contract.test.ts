import { remoteEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { storeContract } from '../contract/store.contract.js';
import { atNodesInTurn, REMOTE_ENGINES, type RemoteServer, remoteFixture } from './remote-engines.js';

for (const name of remoteEngineNames) {
  const reason = await REMOTE_ENGINES[name].missing();
  describe(`The engine ${name} on a server of its own${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
    let server: RemoteServer | undefined;
    before(async function () {
      if (reason !== undefined) this.skip();
      server = await REMOTE_ENGINES[name].start();
    });
    after(() => server?.remove());

    const fixture = remoteFixture(name, () => server as RemoteServer);
    storeContract({ describe, it }, fixture);
    storeContract({ describe, it }, atNodesInTurn(fixture));
  });
}
