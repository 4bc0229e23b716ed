import type { Entry } from './entry.js';

/** One change of one entry, as the change feed reports it. */
export interface Change {
  readonly event: 'put' | 'delete' | 'expire';
  readonly key: string;
  /** Version of the entry that was put, or the version issued for its removal. */
  readonly version: number;
  /** Size of the value that was put; 0 for a removal. */
  readonly sizeBytes: number;
  /** The entry that was put, only while the change is being published; changes kept for later readers have none. */
  readonly entry?: Entry;
  /** Its position in the feed of this process, if that is not its version. */
  readonly position?: number;
}

export function positionOf({ position, version }: Change): number {
  return position ?? version;
}
