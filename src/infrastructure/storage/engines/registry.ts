import { AppError } from '../../../domain/errors.js';
import { missingAddon } from '../../native-addons.js';
import { checkSettings } from '../../validation/check-settings.js';
import type { Engine } from './engine.js';

/** They keep a project in this process or in its data folder. */
const local = {
  directory: async () => (await import('./directory/engine.js')).engine,
  'json-file': async () => (await import('./json-file/engine.js')).engine,
  lmdb: async () => {
    const { engine } = await import('./lmdb/engine.js').catch((error: unknown) => {
      throw missingAddon(error) ?? error;
    });
    return engine;
  },
  memory: async () => (await import('./memory/engine.js')).engine,
};

/** They keep a project on a server of another kind, which several programs may use. */
const remote = {
  etcd: async () => (await import('./etcd/engine.js')).engine,
  postgres: async () => (await import('./postgres/engine.js')).engine,
  redis: async () => (await import('./redis/engine.js')).engine,
};

export type LocalEngineName = keyof typeof local;
export type RemoteEngineName = keyof typeof remote;
export type EngineName = LocalEngineName | RemoteEngineName;

export const localEngineNames = Object.keys(local) as readonly LocalEngineName[];
export const remoteEngineNames = Object.keys(remote) as readonly RemoteEngineName[];
export const engineNames: readonly EngineName[] = [...localEngineNames, ...remoteEngineNames].sort();

export const engines: Readonly<Record<string, () => Promise<Engine>>> = { ...local, ...remote };

/** Whether a project with it takes no room here: a full disk of this machine is no reason to refuse its writes. */
export function isRemoteEngine(name: string): boolean {
  return Object.hasOwn(remote, name);
}

/** Loads one of ours by its name, or one of an installed package as `package:NAME`; undefined for any other name. */
export function engineLoader(name: string): (() => Promise<Engine>) | undefined {
  if (Object.hasOwn(engines, name)) return engines[name];
  const [, packageName] = /^package:((?:@[\w.-]+\/)?[\w.-]+)$/.exec(name) ?? [];
  if (packageName === undefined) return undefined;
  return async () => (await import(packageName)).engine;
}

/** The engine of that name. Rejects with `unavailable` if there is none. */
export async function engineNamed(name: string): Promise<Engine> {
  const load = engineLoader(name);
  if (load === undefined) throw new AppError('unavailable', `"${name}" is no engine; known: ${engineNames.join(', ')}`);
  return load();
}

/** Plain options as an instance of the engine's own class, with its defaults. */
export function optionsOf(engine: Engine, options: object): object {
  return checkSettings(engine.Options, options).value;
}
