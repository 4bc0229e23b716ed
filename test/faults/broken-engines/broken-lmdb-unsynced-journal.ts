import './broken-unsynced-journal.js';
import { engine as sound } from '../../../src/infrastructure/storage/engines/lmdb/engine.js';

/** lmdb whose journal is not on the disk when a write returns. */
export const engine: typeof sound = {
  ...sound,
  open: (location, options, log) => sound.open(location, Object.assign(options, { journal_bytes: 1024 ** 3 }), log),
};
