import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { open, type PortkvStore } from '../../../src/library.js';
import { keyValueStoreContract } from './key-value-store.contract.js';

/** Encryption is a layer above every engine: one in memory and one on the disk show that it keeps the promises. */
const ENCRYPTED: readonly string[] = ['memory', 'lmdb'];

for (const engine of localEngineNames) {
  for (const encrypted of ENCRYPTED.includes(engine) ? [false, true] : [false]) {
    describe(`The library on ${engine}${encrypted ? ', encrypted' : ''}`, () => {
      let path: string;
      let store: PortkvStore;
      before(async () => {
        path = await mkdtemp(join(tmpdir(), 'portkv-'));
        const key_file = join(path, 'keys');
        await writeFile(key_file, `one:${randomBytes(32).toString('base64')}`);
        store = await open({ path, engine, ...(encrypted ? { encryption: { key_file } } : {}) });
      });
      after(async () => {
        await store.close();
        await rm(path, { recursive: true, force: true });
      });
      keyValueStoreContract({ describe, it }, { name: 'in this process', store: () => store });
    });
  }
}
