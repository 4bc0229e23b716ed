import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Location } from '../../src/infrastructure/storage/engines/location.js';
import { engineNamed, type RemoteEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import type { ViewedStore } from '../contract/read-view.contract.js';

/** A store on a server of its own. */
export async function storeOn(engineName: RemoteEngineName, url: string, more: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  const engine = await engineNamed(engineName);
  const location = { project: 'project', generation: 1, folder };
  await engine.create(location, Object.assign(new engine.Options(), { url, ...more }));
  const store = await openedOn(engineName, url, location, more);
  const remove = async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { store, location, remove };
}

/** A store that was made already. */
export async function openedOn(engineName: RemoteEngineName, url: string, location: Location, more: object = {}) {
  const engine = await engineNamed(engineName);
  const options = Object.assign(new engine.Options(), { url, ...more });
  const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
  return (await engine.open(location, options, log)) as ViewedStore;
}

const nothing = () => undefined;
