import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '../response/http-error.js';

/** From the first byte on and before the last one. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

const SINGLE = /^\s*bytes\s*=\s*(?:([0-9]+)\s*-\s*([0-9]*)|-\s*([0-9]+))\s*$/i;

/**
 * The range of a value of `size` bytes that a GET asks for; undefined for the whole value (RFC 9110, 14.2). That is the
 * response to several ranges, to malformed ones, to other units, and if the tag in If-Range is not exactly `etag`: a
 * date is not enough, since a value can change twice in a second. Throws `range_not_satisfiable`.
 */
export function byteRangeOf(headers: IncomingHttpHeaders, etag: string, size: number): ByteRange | undefined {
  const { range, 'if-range': ifRange } = headers;
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const [, first, last, suffix] = SINGLE.exec(range) ?? [];
  if (first === undefined) return suffix === undefined ? undefined : suffixOf(Number(suffix), size);
  const from = Number(first);
  const end = last ? Number(last) : Number.POSITIVE_INFINITY;
  if (end < from) return undefined;
  return from < size ? { from, to: Math.min(end + 1, size) } : refuse(size);
}

/** The last bytes. Of an empty value all bytes are the whole, which no range can express. */
function suffixOf(length: number, size: number): ByteRange | undefined {
  if (length === 0) return refuse(size);
  return size === 0 ? undefined : { from: Math.max(0, size - length), to: size };
}

function refuse(size: number): never {
  throw new HttpError('range_not_satisfiable', `The range begins after the value, which has ${size} bytes`, {
    size_bytes: size,
  });
}
