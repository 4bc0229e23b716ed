import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../domain/errors.js';
import { peek } from './reading/chunks.js';
import { isGzip, readStart } from './verify-export.js';

/** A file, or standard input, that entries are imported from. Compressed content is read decompressed. */
export interface ImportSource {
  /** The size of the file; 0 for standard input. */
  readonly bytes: number;
  /** At least the first `sampleBytes` of the content, or all of it. */
  readonly start: Buffer;
  /**
   * The content from its beginning: once for standard input. `update` gets the number of bytes read so far, which are
   * compressed if the file is.
   */
  chunks(update?: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** Rejects with `unavailable` if the file cannot be read. */
export async function openSource(file: string, sampleBytes: number): Promise<ImportSource> {
  if (file === '-') return openInput(sampleBytes);
  const { bytes, gzip } = await inspectFile(file);
  const chunks = (update: (bytes: number) => void = () => undefined) => readPlain(createReadStream(file), gzip, update);
  const { start, chunks: rest } = await peek(chunks(), sampleBytes);
  for await (const _ of rest) break;
  return { bytes, start, chunks };
}

async function openInput(sampleBytes: number): Promise<ImportSource> {
  const raw = await peek(process.stdin, 2);
  let update = (_: number): void => undefined;
  const plain = readPlain(Readable.from(raw.chunks), isGzip(raw.start), (bytes) => update(bytes));
  const { start, chunks } = await peek(plain, sampleBytes);
  return {
    bytes: 0,
    start,
    chunks: (newUpdate = update) => {
      update = newUpdate;
      return chunks;
    },
  };
}

async function inspectFile(file: string): Promise<{ bytes: number; gzip: boolean }> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    return { bytes: size, gzip: isGzip(await readStart(handle, 2)) };
  } catch (cause) {
    throw new AppError('unavailable', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function readPlain(raw: Readable, gzip: boolean, update: (bytes: number) => void): Readable {
  const bytes = countBytes(raw, update);
  if (!gzip) return bytes;
  const plain = bytes.pipe(createGunzip());
  bytes.on('error', (error) => plain.destroy(error));
  return plain;
}

function countBytes(source: Readable, update: (bytes: number) => void): Readable {
  let total = 0;
  const counting = new Transform({
    transform: (chunk: Buffer, _, done) => {
      total += chunk.length;
      update(total);
      done(null, chunk);
    },
  });
  source.on('error', (error) => counting.destroy(error));
  return source.pipe(counting);
}
