import { randomBytes } from 'node:crypto';
import { constants, write, writev } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../files/durable-file.js';
import { writeAll } from '../../../files/write-all.js';
import { encodeHeader, HEADER_BYTES, type SegmentHeader, UNKNOWN } from './segment-format.js';

const NAME = /^[0-9a-f]{16}\.segment$/;
const ZEROS = Buffer.alloc(256 * 1024);
/** A write is on the disk when it returns. If the system does not know this flag, each is followed by a sync. */
const SYNCED: number = constants.O_DSYNC ?? 0;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Smaller parts are joined: to copy them costs less than to write them one by one. */
const JOINED_BYTES = 64 * 1024;

/** A file of a journal that is allocated to its end. */
export interface Segment {
  readonly path: string;
  readonly size: number;
  readonly header: SegmentHeader;
}

/** The paths of all segments in a folder, in no order; none if there is no folder. */
export async function segmentPaths(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => NAME.test(name)).map((name) => join(folder, name));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Makes a segment, durably, under a name that was never used. `isWanted` is asked before it gets its name. */
export async function createSegment(folder: string, size: number, isWanted: () => boolean): Promise<Segment> {
  const path = newSegmentPath(folder);
  const header = unused(0);
  await replaceFile(path, async (file) => {
    await fillSegment(file, header, size);
    await file.sync();
    if (!isWanted()) throw new Error(`${path} is not needed any more`);
  });
  return { path, size, header };
}

/** The same for one that is kept in reserve: its room is taken, but it is not durable. */
export async function allocateSegment(folder: string, size: number): Promise<void> {
  await using file = await open(newSegmentPath(folder), NEW, 0o600);
  await fillSegment(file, unused(0), size);
}

/** A path that was never used. */
export function newSegmentPath(folder: string): string {
  return join(folder, `${randomBytes(8).toString('hex')}.segment`);
}

/** Makes a segment whose frames are needed no more one without frames, durably. */
export function recycleSegment(segment: Pick<Segment, 'path' | 'size'>, released: number): Promise<Segment> {
  return withHeader(segment, unused(released));
}

/** Gives a segment another header, durably. */
export async function withHeader(
  { path, size }: Pick<Segment, 'path' | 'size'>,
  header: SegmentHeader,
): Promise<Segment> {
  await using file = await openForWriting(path);
  await writeAt(file, [encodeHeader(header)], 0);
  return { path, size, header };
}

/** Opens a segment for writes that are on the disk when they return, never through a symbolic link. */
export function openForWriting(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_NOFOLLOW | SYNCED);
}

/** Writes all parts at a position, durably, in one system call if the system takes all of them. */
export async function writeAt(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  let rest = bytes <= JOINED_BYTES && parts.length > 1 ? [Buffer.concat(parts, bytes)] : [...parts];
  for (let done = 0; done < bytes; ) {
    const written = await writeOnce(file.fd, rest, position + done);
    done += written;
    rest = withoutFirst(rest, written);
  }
  if (SYNCED === 0) await file.datasync();
}

/** Without the promises of node, which take longer than the write. */
function writeOnce(fd: number, parts: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (error: Error | null, written: number) => (error === null ? resolve(written) : reject(error));
    const [first] = parts;
    if (first !== undefined && parts.length === 1) write(fd, first, 0, first.length, position, ended);
    else writev(fd, parts as Uint8Array[], position, ended);
  });
}

function withoutFirst(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = bytes;
  for (const part of parts) {
    if (skip < part.length) rest.push(part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return rest;
}

async function fillSegment(file: FileHandle, header: SegmentHeader, size: number): Promise<void> {
  await writeAll(file, encodeHeader(header));
  for (let left = size - HEADER_BYTES; left > 0; left -= ZEROS.length) {
    await writeAll(file, left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
  }
}

/** The salt is never zero, which is what a segment is filled with. */
function unused(released: number): SegmentHeader {
  return { salt: randomBytes(4).readUInt32LE() || 1, follows: UNKNOWN, released, ends: UNKNOWN };
}
