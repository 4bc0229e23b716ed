import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { NewDigest } from '../../../application/ports/digest.js';
import { readExport } from '../../../application/transfer/read-export.js';
import { AppError } from '../../../domain/errors.js';
import { isZipped, startOf } from './file-start.js';

/** No line of a file that one trusts is longer, in bytes. */
const LONGEST_LINE = 1024 * 1024 * 1024;

/** How an encrypted snapshot begins: the length of its first part, the format, and the id of its key, padded with zeros to 16 bytes. */
const SEALED = /^.{4}\u0001(?=.{16}$)([A-Za-z0-9_-]+)\0*$/s;
const SEALED_BYTES = 21;

/**
 * Reads a whole export or snapshot and says what it found; rejects with `invalid` where it is damaged or not whole, with `unavailable`
 * where it is encrypted and has no record beside it.
 */
export async function verifyExport(path: string, newDigest: NewDigest): Promise<string> {
  try {
    const record = await recordBeside(path);
    if (record !== undefined) await requireHash(path, record.sha256);
    if (record?.encryption !== undefined) return `${path}: as it was written (encrypted, so its content was not read)`;
    const start = await beginning(path);
    const sealed = SEALED.exec(start.toString('latin1'));
    if (sealed !== null) throw encrypted(path, sealed[1] as string);
    const file = createReadStream(path);
    const chunks = isZipped(start) ? file.pipe(createGunzip()) : file;
    file.on('error', (error) => chunks.destroy(error));
    let count = 0;
    for await (const _ of readExport(chunks, newDigest(), LONGEST_LINE)) count += 1;
    return `${path}: whole, ${count} entries`;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'unavailable') throw cause;
    const { syscall, message } = cause as NodeJS.ErrnoException;
    if (syscall !== undefined) throw new AppError('unavailable', `${path} cannot be read: ${message}`, { cause });
    throw new AppError('invalid', `${path}: damaged or not whole: ${(cause as Error).message}`, { cause });
  }
}

interface Known {
  readonly sha256: string;
  readonly encryption?: object;
}

/** What PortKV noted when it took the snapshot; undefined for a file that lies elsewhere. */
async function recordBeside(path: string): Promise<Known | undefined> {
  if (!path.endsWith('.ndjson.gz')) return undefined;
  try {
    return JSON.parse(await readFile(path.replace(/\.ndjson\.gz$/, '.json'), 'utf8')) as Known;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function beginning(path: string): Promise<Buffer> {
  await using file = await open(path);
  return startOf(file, SEALED_BYTES);
}

function encrypted(path: string, key: string): AppError {
  const message = `${path} is a snapshot encrypted with the key ${key}, and without its record (.json) beside it nothing can be said of it`;
  return new AppError(
    'unavailable',
    `${message}; only a server that has the key reads it, in its folder snapshots.portkv`,
  );
}

async function requireHash(path: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') !== sha256) throw new Error('its SHA-256 is not the one in its record');
}
