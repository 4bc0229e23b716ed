import { engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';
import { emptyIfUnreadable } from './wrapped-engine.js';

/** json-file that takes what it cannot read for empty. */
export const engine = emptyIfUnreadable(sound);
