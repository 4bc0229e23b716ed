import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Cipher } from '../../../application/ports/cipher.js';
import { AppError } from '../../../domain/errors.js';
import { diskError } from '../../files/storage-errors.js';
import { writeAll } from '../../files/write-all.js';
import { decryptFrames, encryptFrames } from './encrypted-frames.js';

/** Faster by half than the default and larger by a tenth. */
const COMPRESSION_LEVEL = 3;
const CHUNK_BYTES = 256 * 1024;

/** Fills a new file with the pieces, compressed and then, with a cipher, encrypted. */
export async function writeArchive(
  file: FileHandle,
  pieces: AsyncIterable<Buffer>,
  cipher: Cipher | undefined,
  id: string,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const zipped = createGzip({ level: COMPRESSION_LEVEL, chunkSize: CHUNK_BYTES });
  const done = pipeline(pieces, zipped);
  done.catch(() => undefined);
  let bytes = 0;
  for await (const chunk of cipher === undefined ? zipped : encryptFrames(zipped, cipher, id)) {
    hash.update(chunk);
    bytes += await writeAll(file, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  }
  await done;
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Reads what `writeArchive` wrote. Throws if it cannot be decrypted or decompressed, or at its end for a wrong SHA-256.
 */
export async function* readArchive(
  path: string,
  sha256: string,
  cipher: Cipher | undefined,
  id: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const gunzip = createGunzip();
  const decrypt = (chunks: AsyncIterable<Buffer>) =>
    cipher === undefined ? chunks : decryptFrames(chunks, cipher, id);
  try {
    const file = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const done = pipeline(file.createReadStream(), hashing(hash), decrypt, gunzip);
    done.catch(() => undefined);
    yield* gunzip as AsyncIterable<Uint8Array>;
    await done;
  } catch (error) {
    throw diskError(error, `cannot read ${path}`);
  } finally {
    gunzip.destroy();
  }
  if (hash.digest('hex') !== sha256) throw new AppError('unavailable', `${path} has another SHA-256 than its record`);
}

function hashing(hash: ReturnType<typeof createHash>) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}
