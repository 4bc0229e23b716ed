import { decodeChanges, type FrameChange } from '../../building-blocks/journal/change-frame.js';
import type { FrameVisitor } from '../../building-blocks/journal/read-journal.js';
import type { Environment } from './environment/environment.js';
import { METADATA_KEY, type Metadata, parseMetadata } from './environment/metadata.js';

/** A frame of the journal that LMDB does not contain. */
export interface PendingFrame {
  readonly changes: readonly FrameChange[];
  readonly sequence: number;
}

/** A list, and what adds a frame to it. */
export function pendingFrames(): { readonly pending: readonly PendingFrame[]; readonly visit: FrameVisitor } {
  const pending: PendingFrame[] = [];
  const visit: FrameVisitor = (payload, sequence) => {
    const changes: FrameChange[] = [];
    decodeChanges(payload, (change) => changes.push(change));
    pending.push({ changes, sequence });
  };
  return { pending, visit };
}

/** What LMDB says of its entries. Throws `CorruptFileError`. */
export function metadataIn(env: Environment): Metadata {
  return parseMetadata(env.meta.getBinary(METADATA_KEY) ?? Buffer.alloc(0));
}

/** The number of the last frame of the journal that LMDB contains. */
export function lastFrameIn(env: Environment): number {
  return metadataIn(env).sequence ?? 0;
}
