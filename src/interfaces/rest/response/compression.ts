import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { qualitiesOf } from './accept.js';

/** Shorter bodies gain nothing; in bytes. */
const LEAST = 1024;
/** Brotli's default quality takes a hundred times as long for a few percent. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const brotliOf = promisify(brotliCompress);
const gzipOf = promisify(gzip);

export type Coding = 'br' | 'gzip';

export interface Compressed {
  readonly encoding: Coding;
  readonly body: Buffer;
}

/** The body as the client prefers it, of brotli and gzip; undefined where it takes neither or the body is short. */
export async function compressed(
  body: string | Uint8Array,
  accepted: string | undefined,
): Promise<Compressed | undefined> {
  const encoding = Buffer.byteLength(body) < LEAST ? undefined : codingOf(accepted);
  return encoding === undefined ? undefined : { encoding, body: await compress(body, encoding) };
}

/** Which of the two the client prefers; undefined where it takes neither. */
export function codingOf(accepted: string | undefined): Coding | undefined {
  if (accepted === undefined) return undefined;
  const qualities = qualitiesOf(accepted);
  const [br, gz] = ['br', 'gzip'].map((coding) => qualities.get(coding) ?? qualities.get('*') ?? 0) as [number, number];
  if (br === 0 && gz === 0) return undefined;
  return br >= gz ? 'br' : 'gzip';
}

/** However short it is. */
export function compress(body: string | Uint8Array, encoding: Coding): Promise<Buffer> {
  return encoding === 'br' ? brotliOf(body, BROTLI) : gzipOf(body);
}
