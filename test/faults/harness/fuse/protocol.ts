// The messages of FUSE 7.31 between the kernel and a file system, as far as `fuse-process.ts` needs them. See
// include/uapi/linux/fuse.h. All numbers are little-endian.
import type { Stats } from 'node:fs';

/** The operations that the kernel asks for. */
export const OP = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  GETLK: 31,
  SETLK: 32,
  SETLKW: 33,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  BATCH_FORGET: 42,
  RENAME2: 45,
} as const;

/** Flags of INIT: whether locks are asked of the file system; writes may be larger than a page. */
export const INIT = { POSIX_LOCKS: 1 << 1, BIG_WRITES: 1 << 5 };
/** Which members of SETATTR count. */
export const SET = { MODE: 1, SIZE: 8, ATIME: 16, MTIME: 32, FH: 64, ATIME_NOW: 128, MTIME_NOW: 256 };
export const MAX_WRITE = 128 * 1024;
export const IN_HEADER = 40;
const NANOSECONDS = 1_000_000_000n;

export interface Request {
  readonly opcode: number;
  readonly unique: bigint;
  readonly node: bigint;
  readonly body: Buffer;
}

export function parseRequest(bytes: Buffer): Request {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    node: bytes.readBigUInt64LE(16),
    body: bytes.subarray(IN_HEADER),
  };
}

export function response(unique: bigint, errno: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + body.length, 0);
  header.writeInt32LE(-errno, 4);
  header.writeBigUInt64LE(unique, 8);
  return Buffer.concat([header, body]);
}

/** The names at the end of a message, each ended by a zero byte. */
export function namesFrom(bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\0').slice(0, -1);
}

export function initReply(flags: number): Buffer {
  const out = Buffer.alloc(64);
  for (const [at, number] of [7, 31, MAX_WRITE, flags].entries()) out.writeUInt32LE(number, at * 4);
  out.writeUInt16LE(16, 16);
  out.writeUInt16LE(12, 18);
  out.writeUInt32LE(MAX_WRITE, 20);
  out.writeUInt32LE(1, 24);
  return out;
}

/** `resolution` in ns: times are kept in steps of it. */
export function attributes(stat: Stats & { mtimeNs: bigint; ctimeNs: bigint; atimeNs: bigint }, resolution: bigint) {
  const out = Buffer.alloc(88);
  for (const [at, number] of [stat.ino, stat.size, stat.blocks].entries()) out.writeBigUInt64LE(BigInt(number), at * 8);
  for (const [at, time] of [stat.atimeNs, stat.mtimeNs, stat.ctimeNs].entries()) {
    const kept = time - (time % resolution);
    out.writeBigUInt64LE(kept / NANOSECONDS, 24 + at * 8);
    out.writeUInt32LE(Number(kept % NANOSECONDS), 48 + at * 4);
  }
  const rest = [stat.mode, stat.nlink, stat.uid, stat.gid, 0, 4096];
  for (const [at, number] of rest.entries()) out.writeUInt32LE(Number(number), 60 + at * 4);
  return out;
}

/** Nothing is kept by the kernel: what is below may change. */
export function attributeReply(attr: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(16), attr]);
}

export function entryReply(node: bigint, attr: Buffer): Buffer {
  const out = Buffer.alloc(40);
  out.writeBigUInt64LE(node, 0);
  return Buffer.concat([out, attr]);
}

export function openReply(handle: number): Buffer {
  const out = Buffer.alloc(16);
  out.writeBigUInt64LE(BigInt(handle), 0);
  return out;
}

export function writeReply(bytes: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeUInt32LE(bytes, 0);
  return out;
}

export function statfsReply(blocks: number, maxName: number): Buffer {
  const out = Buffer.alloc(80);
  for (let at = 0; at < 3; at++) out.writeBigUInt64LE(BigInt(blocks), at * 8);
  out.writeUInt32LE(4096, 40);
  out.writeUInt32LE(maxName, 44);
  out.writeUInt32LE(4096, 48);
  return out;
}

/** One entry of a folder; `next` is the position after it. */
export function folderEntry(ino: bigint, next: number, name: string): Buffer {
  const bytes = Buffer.from(name);
  const out = Buffer.alloc(24 + Math.ceil(bytes.length / 8) * 8);
  out.writeBigUInt64LE(ino, 0);
  out.writeBigUInt64LE(BigInt(next), 8);
  out.writeUInt32LE(bytes.length, 16);
  bytes.copy(out, 24);
  return out;
}
