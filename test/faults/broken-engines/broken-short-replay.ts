import { Journal } from '../../../src/infrastructure/storage/building-blocks/journal/journal.js';
import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

// json-file that takes the last frame of its journal for one that a crash cut off.
const { open } = Journal;
Journal.open = async (options, visit) => {
  let last: Buffer | undefined;
  return open(options, (payload, sequence) => {
    if (last !== undefined) visit(last, sequence - 1);
    last = payload;
  });
};

export const engine = sound;
