import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineNamed, type RemoteEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import type { ViewedStore } from '../contract/read-view.contract.js';

/** A store on a server of its own. */
export async function storeOn(engineName: RemoteEngineName, url: string, more: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  const engine = await engineNamed(engineName);
  const options = Object.assign(new engine.Options(), { url, ...more });
  const location = { project: 'project', generation: 1, folder };
  const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
  await engine.create(location, options);
  const store = (await engine.open(location, options, log)) as ViewedStore;
  const remove = async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { store, location, remove };
}

const nothing = () => undefined;
