import type { Engine } from './engine.js';

const known = {
  directory: async () => (await import('./directory/engine.js')).engine,
  'json-file': async () => (await import('./json-file/engine.js')).engine,
  lmdb: async () => (await import('./lmdb/engine.js')).engine,
  memory: async () => (await import('./memory/engine.js')).engine,
};

export type EngineName = keyof typeof known;

export const engines: Readonly<Record<string, () => Promise<Engine>>> = known;

/** How an engine is loaded: one of ours by its name, one of an installed package as `package:NAME`; undefined for any other name. */
export function engineLoader(name: string, known = engines): (() => Promise<Engine>) | undefined {
  if (Object.hasOwn(known, name)) return known[name];
  const [, packageName] = /^package:((?:@[\w.-]+\/)?[\w.-]+)$/.exec(name) ?? [];
  if (packageName === undefined) return undefined;
  return async () => (await import(packageName)).engine;
}

export const engineNames = Object.keys(known) as readonly EngineName[];
