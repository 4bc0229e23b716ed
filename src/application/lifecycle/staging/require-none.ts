import { AppError } from '../../../domain/errors.js';
import type { ChangedElsewhere } from '../../migrations/changed-elsewhere.js';

/** Rejects with `conflict` if the current store has anything that the one before has not, or the other way round. */
export async function requireNone(written: ChangedElsewhere): Promise<void> {
  for await (const _ of written.keys()) {
    throw new AppError('conflict', 'There are newer writes: move back the ordinary way');
  }
}
