import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import { qualitiesOf } from './accept.js';

/** Shorter bodies are not compressed, because it saves nothing; in bytes. */
const MIN_BYTES = 1024;
/** Brotli's default quality takes a hundred times as long and saves only a few percent more. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** Of a stream: a larger window would hold back, and keep in memory, megabytes of it. */
const BROTLI_STREAM = { params: { ...BROTLI.params, [constants.BROTLI_PARAM_LGWIN]: 18 } };

const brotliOf = promisify(brotliCompress);
const gzipOf = promisify(gzip);

export type Coding = 'br' | 'gzip';

export interface Compressed {
  readonly encoding: Coding;
  readonly body: Buffer;
}

/**
 * The body in the coding that the client prefers, brotli or gzip; undefined if it accepts neither or the body is short.
 */
export async function compressed(
  body: string | Uint8Array,
  accepted: string | undefined,
): Promise<Compressed | undefined> {
  const encoding = Buffer.byteLength(body) < MIN_BYTES ? undefined : codingOf(accepted);
  return encoding === undefined ? undefined : { encoding, body: await compress(body, encoding) };
}

/** The coding that the client prefers; undefined if it accepts neither. */
export function codingOf(accepted: string | undefined): Coding | undefined {
  if (accepted === undefined) return undefined;
  const qualities = qualitiesOf(accepted);
  const [br, gz] = ['br', 'gzip'].map((coding) => qualities.get(coding) ?? qualities.get('*') ?? 0) as [number, number];
  if (br === 0 && gz === 0) return undefined;
  return br >= gz ? 'br' : 'gzip';
}

/** Compresses a body of any length. */
export function compress(body: string | Uint8Array, encoding: Coding): Promise<Buffer> {
  return encoding === 'br' ? brotliOf(body, BROTLI) : gzipOf(body);
}

/**
 * Compresses a stream of any length. If either end is destroyed, so is the other: the source of a reader that is gone,
 * and the response of a source that fails.
 */
export function compressStream(body: AsyncIterable<Uint8Array | string>, encoding: Coding): Readable {
  const compressor = encoding === 'br' ? createBrotliCompress(BROTLI_STREAM) : createGzip();
  // The reader of the compressor gets its error.
  return pipeline(Readable.from(body, { objectMode: false }), compressor, () => undefined);
}
