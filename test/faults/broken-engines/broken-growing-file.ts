import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

/** json-file whose journal is hardly ever folded into the file. */
export const engine: typeof sound = {
  ...sound,
  open: (location, options, log) => sound.open(location, Object.assign(options, { journal_bytes: 1024 ** 3 }), log),
};
