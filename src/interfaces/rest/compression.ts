import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Shorter bodies gain nothing. */
const LEAST = 1024;
/** Brotli's default quality takes a hundred times as long for a few percent. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const brotliOf = promisify(brotliCompress);
const gzipOf = promisify(gzip);

export interface Compressed {
  readonly encoding: 'br' | 'gzip';
  readonly body: Buffer;
}

/** The body as the client prefers it, of brotli and gzip; undefined where it takes neither or the body is short. */
export async function compressed(
  body: string | Uint8Array,
  accepted: string | undefined,
): Promise<Compressed | undefined> {
  if (accepted === undefined || body.length < LEAST) return undefined;
  const qualities = qualitiesOf(accepted);
  const [br, gz] = ['br', 'gzip'].map((coding) => qualities.get(coding) ?? qualities.get('*') ?? 0) as [number, number];
  if (br === 0 && gz === 0) return undefined;
  if (br >= gz) return { encoding: 'br', body: await brotliOf(body, BROTLI) };
  return { encoding: 'gzip', body: await gzipOf(body) };
}

function qualitiesOf(accepted: string): ReadonlyMap<string, number> {
  return new Map(
    accepted.split(',').map((part): [string, number] => {
      const [coding = '', ...parameters] = part.split(';');
      const quality = parameters
        .find((parameter) => parameter.trim().startsWith('q='))
        ?.trim()
        .slice(2);
      return [coding.trim().toLowerCase(), quality === undefined ? 1 : Number(quality) || 0];
    }),
  );
}
