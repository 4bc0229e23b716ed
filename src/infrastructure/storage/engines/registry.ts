import { AppError } from '../../../domain/errors.js';
import { missingAddon } from '../../native-addons.js';
import { checkSettings } from '../../validation/check-settings.js';
import type { Engine } from './engine.js';

const known = {
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

export type EngineName = keyof typeof known;

export const engineNames = Object.keys(known) as readonly EngineName[];

export const engines: Readonly<Record<string, () => Promise<Engine>>> = known;

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
