import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

/** json-file of which the journal is hardly ever folded into the file. */
export const engine: typeof sound = {
  ...sound,
  open: (place, options, log) => sound.open(place, Object.assign(options, { journal_bytes: 1024 ** 3 }), log),
};
