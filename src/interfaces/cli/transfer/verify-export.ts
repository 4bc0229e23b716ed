import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { NewDigest } from '../../../application/ports/digest.js';
import { readExport } from '../../../application/transfer/read-export.js';
import { AppError } from '../../../domain/errors.js';
import { LONGEST_LINE } from './export-lines.js';

/**
 * The start of an encrypted snapshot: the length of its first frame (4 bytes), the format (1 byte), and the id of its
 * key, padded with zeros to 16 bytes.
 */
const ENCRYPTED_START = /^.{4}\u0001(?=.{16}$)([A-Za-z0-9_-]+)\0*$/s;
const ENCRYPTED_START_BYTES = 21;

/**
 * Reads a whole export or snapshot and returns the result as a sentence. Rejects with `invalid` if it is damaged or not
 * complete, with `unavailable` if it cannot be read or is encrypted and has no record beside it.
 */
export async function verifyExport(path: string, newDigest: NewDigest): Promise<string> {
  try {
    const record = await readRecord(path);
    if (record !== undefined) await requireHash(path, record.sha256);
    if (record?.encryption !== undefined) return `${path}: as it was written (encrypted, so its content was not read)`;
    await using handle = await open(path);
    const start = await readStart(handle, ENCRYPTED_START_BYTES);
    const [, keyId] = ENCRYPTED_START.exec(start.toString('latin1')) ?? [];
    if (keyId !== undefined) throw encryptedError(path, keyId);
    const count = await countEntries(path, isGzip(start), newDigest);
    return `${path}: whole, ${count} entries`;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'unavailable') throw cause;
    const { syscall, message } = cause as NodeJS.ErrnoException;
    if (syscall !== undefined) throw new AppError('unavailable', `${path} cannot be read: ${message}`, { cause });
    throw new AppError('invalid', `${path}: damaged or not whole: ${(cause as Error).message}`, { cause });
  }
}

/** The first `length` bytes of a file, or all of a shorter one. */
export async function readStart(file: FileHandle, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

/** Whether a file with this start is compressed with gzip. */
export function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

async function countEntries(path: string, gzip: boolean, newDigest: NewDigest): Promise<number> {
  const file = createReadStream(path);
  const chunks = gzip ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => chunks.destroy(error));
  let count = 0;
  for await (const _ of readExport(chunks, newDigest(), LONGEST_LINE)) count += 1;
  return count;
}

/** The members of a snapshot's record that matter here. */
interface SnapshotHash {
  readonly sha256: string;
  readonly encryption?: object;
}

/** The record that PortKV writes beside a snapshot; undefined for other files and for a snapshot without its record. */
async function readRecord(path: string): Promise<SnapshotHash | undefined> {
  if (!path.endsWith('.ndjson.gz')) return undefined;
  try {
    return JSON.parse(await readFile(path.replace(/\.ndjson\.gz$/, '.json'), 'utf8')) as SnapshotHash;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function encryptedError(path: string, keyId: string): AppError {
  return new AppError(
    'unavailable',
    `${path} is a snapshot encrypted with the key ${keyId}, and without its record (.json) beside it nothing can be ` +
      'said of it; only a server that has the key reads it, in its folder snapshots.portkv',
  );
}

async function requireHash(path: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') !== sha256) throw new Error('its SHA-256 is not the one in its record');
}
