import type { Engine } from './engine.js';

/** Every engine by the name that `storage.engine` gives. Loaded when first used. */
export const engines = {
  'json-file': async (): Promise<Engine> => (await import('./json-file/engine.js')).engine,
  lmdb: async (): Promise<Engine> => (await import('./lmdb/engine.js')).engine,
  memory: async (): Promise<Engine> => (await import('./memory/engine.js')).engine,
} as const;

export type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as readonly EngineName[];
