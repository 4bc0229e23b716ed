import { engine as sound } from '../../../src/infrastructure/storage/engines/directory/engine.js';
import { emptyIfUnreadable } from './wrapped-engine.js';

/** directory that takes what it cannot read for empty. */
export const engine = emptyIfUnreadable(sound);
