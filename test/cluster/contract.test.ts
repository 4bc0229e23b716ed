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
    // Values of 16 MiB take long, and the way that they take is the same.
    const quick = {
      describe,
      it: (title: string, body: () => Promise<void>) => /16 MiB/.test(title) || it(title, body),
    };
    storeContract(quick, atNodesInTurn(fixture));
  });
}
