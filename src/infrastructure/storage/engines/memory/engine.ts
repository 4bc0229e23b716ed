import { MemoryStore } from '../../building-blocks/memory-store.js';
import type { Engine } from '../engine.js';

/** It has no options. */
class MemoryOptions {}

/** Keeps a project in memory only: the fastest, and empty after every start. */
export const engine: Engine<MemoryOptions> = {
  Options: MemoryOptions,
  durability: 'is lost when the server stops: it is in memory only',
  open: async () => new MemoryStore(),
  create: async () => undefined,
  remove: async () => undefined,
};
