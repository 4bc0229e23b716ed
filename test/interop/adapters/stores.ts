import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'portkv';
import { connect, type KeyValueStore } from 'portkv/client';
import { afterAll, beforeAll, describe } from 'vitest';
import { Server } from '../server.ts';

const ENGINES = ['memory', 'json-file', 'directory', 'lmdb'] as const;

/** Runs a suite on every engine, over the library and over the client. `store` is open while tests run. */
export function onEveryStore(suite: (store: () => KeyValueStore) => void): void {
  const projects = ENGINES.map((engine) => ({ id: engine, storage: { engine }, authentication: { api_key: 'k' } }));
  let server: Server;
  let folder: string;
  beforeAll(async () => {
    server = await Server.start({ projects });
    folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const engine of ENGINES) {
    onStore(`the library, ${engine}`, () => open({ path: join(folder, engine), engine }), suite);
    onStore(
      `the client, ${engine}`,
      async () => connect({ url: server.address, project: engine, key: 'k', retries: 0 }),
      suite,
    );
  }
}

function onStore(
  name: string,
  openStore: () => Promise<KeyValueStore>,
  suite: (store: () => KeyValueStore) => void,
): void {
  describe(name, () => {
    let store: KeyValueStore;
    beforeAll(async () => {
      store = await openStore();
    });
    afterAll(() => store.close());
    suite(() => store);
  });
}
