import './broken-short-replay.js';
import { engine as sound } from '../../../src/infrastructure/storage/engines/lmdb/engine.js';

/** lmdb that takes the last frame of its journal for one that a crash cut off. */
export const engine: typeof sound = {
  ...sound,
  open: (location, options, log) => sound.open(location, Object.assign(options, { journal_bytes: 1024 ** 3 }), log),
};
