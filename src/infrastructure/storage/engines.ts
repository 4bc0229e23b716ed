import type { Engine } from './engine.js';

const known = {
  'json-file': async () => (await import('./json-file/engine.js')).engine,
  lmdb: async () => (await import('./lmdb/engine.js')).engine,
  memory: async () => (await import('./memory/engine.js')).engine,
};

export type EngineName = keyof typeof known;

/** Every engine by the name that `storage.engine` gives, loaded when first used: one line each, in alphabetical order. */
export const engines: Readonly<Record<string, () => Promise<Engine>>> = known;
