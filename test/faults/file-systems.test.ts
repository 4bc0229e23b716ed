import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commitContract } from '../contract/commit.contract.js';
import { createEngineStore, openEngineStore } from '../contract/engine-fixtures.js';
import { getScanContract } from '../contract/get-scan.contract.js';
import { durabilityContract } from '../contract/lifecycle.contract.js';
import { type Declare, type StoreFixture, withStore } from '../contract/store-fixture.js';
import { valuesContract } from '../contract/values.contract.js';
import { ODD_DISKS, type OddDisk } from './harness/disk/odd-disks.js';
import { DURABLE_ENGINES } from './harness/server-folder.js';

/** What takes long on a file system by FUSE, or needs more room than a small image has. */
const LARGE = /16 MiB|batches of 1,000|500 commits|one moment|64 concurrent/;

for (const kind of ODD_DISKS) {
  describe(`On ${kind.name}`, () => {
    let disk: OddDisk | undefined;
    before(async () => {
      disk = await kind.mount();
    });
    after(() => disk?.remove());

    for (const name of DURABLE_ENGINES) {
      const fixture: StoreFixture = {
        name,
        durable: true,
        async begin() {
          const folder = await mkdtemp(join(disk?.path ?? '', 'store-'));
          await createEngineStore(name, folder);
          return {
            open: () => openEngineStore(name, folder),
            dispose: () => rm(folder, { recursive: true, force: true }),
          };
        },
      };
      const declare: Declare = (title, check) =>
        !LARGE.test(title) &&
        it(title, function () {
          if (disk === undefined) this.skip();
          return withStore(fixture, check);
        });

      describe(`the store ${name}`, () => {
        getScanContract(declare);
        commitContract(declare);
        valuesContract(declare);
        durabilityContract(declare);
      });
    }
  });
}
