import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { open, type PortkvStore } from '../../../src/library.js';
import { keyValueStoreContract } from './key-value-store.contract.js';

for (const engine of engineNames) {
  describe(`The library on ${engine}`, () => {
    let path: string;
    let store: PortkvStore;
    before(async () => {
      path = await mkdtemp(join(tmpdir(), 'portkv-'));
      store = await open({ path, engine });
    });
    after(async () => {
      await store.close();
      await rm(path, { recursive: true, force: true });
    });
    keyValueStoreContract({ describe, it }, { name: 'in this process', store: () => store });
  });
}
