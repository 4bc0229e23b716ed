import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

/** json-file that waits for the disk for as long as it takes. */
export const engine: typeof sound = {
  ...sound,
  open: (place, options, log) => sound.open(place, Object.assign(options, { commit_timeout: 600 }), log),
};
