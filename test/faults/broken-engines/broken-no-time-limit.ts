import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

/** json-file that waits for the disk for as long as it takes. */
export const engine: typeof sound = {
  ...sound,
  open: (location, options, log) => sound.open(location, Object.assign(options, { commit_timeout: 600 }), log),
};
