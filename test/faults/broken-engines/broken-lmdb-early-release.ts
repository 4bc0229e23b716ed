import './broken-early-release.js';
import { engine as sound } from '../../../src/infrastructure/storage/engines/lmdb/engine.js';

/** lmdb that releases a frame of its journal when the next one is written, before LMDB holds it. */
export const engine: typeof sound = {
  ...sound,
  open: (location, options, log) => sound.open(location, Object.assign(options, { journal_bytes: 1024 ** 3 }), log),
};
