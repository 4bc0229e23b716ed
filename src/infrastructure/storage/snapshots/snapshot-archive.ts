import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Cipher } from '../../../application/ports/cipher.js';
import { AppError } from '../../../domain/errors.js';
import { diskError } from '../../files/disk-error.js';
import { writeAll } from '../../files/write-all.js';
import { decryptFrames, encryptFrames } from './encrypted-frames.js';

/** Faster by half than the default and larger by a tenth. */
const LEVEL = 3;
const CHUNK = 256 * 1024;

/** Fills a new file with the pieces, compressed, then encrypted where there is a cipher. */
export async function writeArchive(
  file: FileHandle,
  pieces: AsyncIterable<Buffer>,
  cipher: Cipher | undefined,
  id: string,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const zipped = createGzip({ level: LEVEL, chunkSize: CHUNK });
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

/** Takes `packInto` back. Throws at the end where the file has another SHA-256, before that where it cannot be unpacked. */
export async function* readArchive(
  path: string,
  sha256: string,
  cipher: Cipher | undefined,
  id: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const gunzip = createGunzip();
  const open = (chunks: AsyncIterable<Buffer>) => (cipher === undefined ? chunks : decryptFrames(chunks, cipher, id));
  try {
    const file = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const done = pipeline(file.createReadStream(), hashing(hash), open, gunzip);
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
