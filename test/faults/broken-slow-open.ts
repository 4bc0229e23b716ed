import { setTimeout as sleep } from 'node:timers/promises';
import { engine as sound } from '../../src/infrastructure/storage/json-file/engine.js';

/** json-file that takes long to open. */
export const engine: typeof sound = {
  ...sound,
  async open(place, options, log) {
    await sleep(3_000);
    return sound.open(place, options, log);
  },
};
