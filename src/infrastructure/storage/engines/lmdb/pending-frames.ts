import { decodeChanges, type FrameChange } from '../../building-blocks/journal/change-frame.js';
import type { FrameVisitor } from '../../building-blocks/journal/read-journal.js';

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
