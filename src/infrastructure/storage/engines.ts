import type { Engine } from './engine.js';

const known = {
  'json-file': async () => (await import('./json-file/engine.js')).engine,
  lmdb: async () => (await import('./lmdb/engine.js')).engine,
  memory: async () => (await import('./memory/engine.js')).engine,
};

export type EngineName = keyof typeof known;

export const engines: Readonly<Record<string, () => Promise<Engine>>> = known;

export const engineNames = Object.keys(known) as readonly EngineName[];
