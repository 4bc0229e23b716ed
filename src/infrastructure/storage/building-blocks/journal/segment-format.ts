import { crc32 } from 'node:zlib';

/**
 * A segment is a file that is allocated before it is used. All numbers are little-endian:
 *
 *     "PORTKVJ1" · u32 salt · u32 0 · float64 follows · float64 released · float64 ends · u32 CRC-32,
 *     then zeros up to byte 4096, then frames without a gap:
 *     u32 salt · u32 length of the payload · float64 sequence number · u32 CRC-32 · payload
 *
 * The header lies in one sector, which a disk writes whole or not at all. The salt is random and changes when a segment
 * is used again; it is part of the checksum of every frame, so that no frame of an earlier use passes.
 */
export const FRAMES_AT = 4096;
export const FRAME_HEADER_BYTES = 20;
export const HEADER_BYTES = 512;
/** A number of a frame that is not known. */
export const UNKNOWN = -1;

const MAGIC = Buffer.from('PORTKVJ1');
const CHECKED_BYTES = 40;

export interface SegmentHeader {
  readonly salt: number;
  /**
   * The sequence number of the last frame before this segment, if that was known: later ones in other segments were
   * never acknowledged. Else `UNKNOWN`.
   */
  readonly follows: number;
  /** Frames up to this number are released. */
  readonly released: number;
  /** The sequence number of its last frame, once the journal was opened again; later ones do not count. */
  readonly ends: number;
}

export interface Frame {
  readonly sequence: number;
  readonly payload: Buffer;
  /** The position after it. */
  readonly end: number;
}

export function encodeHeader({ salt, follows, released, ends }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set(MAGIC);
  bytes.writeUInt32LE(salt, 8);
  bytes.writeDoubleLE(follows, 16);
  bytes.writeDoubleLE(released, 24);
  bytes.writeDoubleLE(ends, 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes;
}

/** Undefined if these bytes are no header. */
export function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (bytes.readUInt32LE(CHECKED_BYTES) !== crc32(bytes.subarray(0, CHECKED_BYTES))) return undefined;
  const [follows, released, ends] = [bytes.readDoubleLE(16), bytes.readDoubleLE(24), bytes.readDoubleLE(32)];
  return { salt: bytes.readUInt32LE(8), follows, released, ends };
}

/** What stands before the payload of a frame. */
export function encodeFrameHeader(salt: number, sequence: number, parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32LE(salt, 0);
  header.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    4,
  );
  header.writeDoubleLE(sequence, 8);
  header.writeUInt32LE(
    parts.reduce((sum, part) => crc32(part, sum), crc32(header.subarray(0, 16))),
    16,
  );
  return header;
}

/** The frame at a position of a segment; undefined if none of its present use is there. */
export function frameAt(segment: Buffer, at: number, salt: number): Frame | undefined {
  const payloadAt = at + FRAME_HEADER_BYTES;
  if (payloadAt > segment.length || segment.readUInt32LE(at) !== salt) return undefined;
  const end = payloadAt + segment.readUInt32LE(at + 4);
  if (end > segment.length) return undefined;
  const checksum = crc32(segment.subarray(payloadAt, end), crc32(segment.subarray(at, at + 16)));
  if (checksum !== segment.readUInt32LE(at + 16)) return undefined;
  return { sequence: segment.readDoubleLE(at + 8), payload: segment.subarray(payloadAt, end), end };
}

/** The position of the first frame of the present use at or after a position. */
export function findFrame(segment: Buffer, from: number, salt: number): number | undefined {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(salt);
  for (let at = segment.indexOf(mark, from); at >= 0; at = segment.indexOf(mark, at + 1)) {
    if (frameAt(segment, at, salt) !== undefined) return at;
  }
  return undefined;
}
