import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { readExport } from './application/copies/read-export.js';
import { AppError } from './domain/errors.js';
import { shaDigest } from './infrastructure/security/sha-digest.js';

/** No line of a file that one trusts is longer, in bytes. */
const LONGEST_LINE = 1024 * 1024 * 1024;

/** Reads a whole export or snapshot and says what it found; rejects with `invalid` where it is damaged or not whole. */
export async function verifyFile(path: string): Promise<string> {
  try {
    const record = await recordBeside(path);
    if (record !== undefined) await requireHash(path, record.sha256);
    if (record?.encryption !== undefined) return `${path}: as it was written (encrypted, so its content was not read)`;
    const file = createReadStream(path);
    const chunks = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
    file.on('error', (error) => chunks.destroy(error));
    let count = 0;
    for await (const _ of readExport(chunks, shaDigest(), LONGEST_LINE)) count += 1;
    return `${path}: whole, ${count} entries`;
  } catch (cause) {
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

async function requireHash(path: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') !== sha256) throw new Error('its SHA-256 is not the one in its record');
}
