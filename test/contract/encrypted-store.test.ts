import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncryptedStore } from '../../src/application/stores/encrypted-store.js';
import { ConfiguredCiphers } from '../../src/infrastructure/security/configured-ciphers.js';
import { type EngineName, engineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { createEngineStore, ENGINE_FIXTURES, openEngineStore } from './engine-fixtures.js';
import { storeContract } from './store.contract.js';
import type { StorePlace } from './store-fixture.js';

for (const name of engineNames) {
  const { durable } = ENGINE_FIXTURES[name];
  storeContract({ describe, it }, { name: `${name}, encrypted`, durable, begin: () => begin(name) });
}

async function begin(name: EngineName): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  await createEngineStore(name, folder);
  await writeFile(join(folder, 'keys'), randomBytes(32).toString('base64'));
  const ciphers = new ConfiguredCiphers(folder);
  return {
    open: async () =>
      new EncryptedStore(await openEngineStore(name, folder), await ciphers.of('project', { key_file: 'keys' })),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
