import type { Engine } from './engine.js';

/** Every engine by the name that `storage.engine` gives, loaded when first used: one line each, in alphabetical order. */
export const engines: Readonly<Record<string, () => Promise<Engine>>> = {};
