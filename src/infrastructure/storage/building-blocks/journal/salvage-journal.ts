import { toStorageError } from '../../../files/storage-errors.js';
import { type FrameVisitor, readSegment } from './read-journal.js';
import { segmentPaths } from './segment-file.js';
import { decodeHeader, FRAMES_AT, findFrame, frameAt, HEADER_BYTES } from './segment-format.js';

interface FoundFrame {
  readonly path: string;
  readonly sequence: number;
  readonly payload: Buffer;
}

/**
 * Visits every frame that can be read, released or not, in order, and returns what cannot be: file and bytes. Writes
 * nothing.
 */
export async function salvageJournal(folder: string, visit: FrameVisitor): Promise<string[]> {
  const lost: string[] = [];
  const frames: FoundFrame[] = [];
  let released = 0;
  try {
    for (const path of await segmentPaths(folder)) {
      const bytes = await readSegment(path);
      const header = decodeHeader(bytes.subarray(0, HEADER_BYTES));
      // Without its header, the salt of the first frame is taken for that of all.
      const salt = header?.salt ?? (bytes.length >= FRAMES_AT + 4 ? bytes.readUInt32LE(FRAMES_AT) : 0);
      released = Math.max(released, header?.released ?? 0);
      if (header === undefined) lost.push(`${path}: bytes 0 to ${HEADER_BYTES}`);
      for (let at: number | undefined = FRAMES_AT; at !== undefined; ) {
        const frame = frameAt(bytes, at, salt);
        const next: number | undefined = frame?.end ?? findFrame(bytes, at, salt);
        if (frame !== undefined) frames.push({ path, ...frame });
        else if (next !== undefined) lost.push(`${path}: bytes ${at} to ${next}`);
        else if (bytes.length >= at + 4 && bytes.readUInt32LE(at) === salt) lost.push(`${path}: from byte ${at} on`);
        at = next;
      }
    }
  } catch (error) {
    throw toStorageError(folder, error);
  }
  frames.sort((a, b) => a.sequence - b.sequence);
  let last = released;
  for (const { path, sequence, payload } of frames) {
    if (sequence <= last) continue;
    if (sequence > last + 1) lost.push(`${path}: ${sequence - last - 1} frames before number ${sequence}`);
    last = sequence;
    visit(payload, sequence);
  }
  return lost;
}
