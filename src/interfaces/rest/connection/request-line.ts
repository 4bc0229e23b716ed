import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../domain/errors.js';
import { HttpError } from '../response/http-error.js';

/** Longest request target, in bytes. */
export const MAX_URL = 8 * 1024;
/** The target of a request about the server as a whole. */
export const WHOLE_SERVER = '*';
const MAX_HEADERS = 100;

/** Refuses what node's parser lets through: HTTP/0.9 and 2.0, none or several Hosts, other targets than a path (save `OPTIONS *`), fragments, too long a URL, too many headers. */
export function validateRequest({ method, url = '', rawHeaders, headers, httpVersion }: IncomingMessage): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new AppError('invalid', 'This is no HTTP/1.1 request');
  if (url.charCodeAt(0) !== 0x2f && !(url === WHOLE_SERVER && method === 'OPTIONS')) {
    throw new AppError('invalid', 'The request target must be a path that begins with /');
  }
  if (url.length > MAX_URL) throw tooLongUrl();
  if (url.includes('#'))
    throw new AppError('invalid', 'The request target must not have a fragment; a # in a key is %23');
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    throw new HttpError('headers_too_large', `A request may have at most ${MAX_HEADERS} headers`);
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts !== 1 && (hosts > 1 || httpVersion !== '1.0')) {
    throw new AppError('invalid', `The request has ${hosts === 0 ? 'no' : 'more than one'} Host header`);
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion === '1.0')) {
    // Who speaks HTTP/1.0 in front of this server does not know it, and would see other requests than this one does.
    throw new AppError('invalid', 'Transfer-Encoding can only be chunked, and only in HTTP/1.1');
  }
}

export function tooLongUrl(): HttpError {
  return new HttpError('uri_too_long', `The URL may have at most ${MAX_URL} bytes`, { limit_bytes: MAX_URL });
}

/** The target with raw UTF-8 bytes, as curl sends them, percent-encoded. */
export function normalizeTarget(url: string): string {
  if (/^[\x00-\x7f]*$/.test(url)) return url;
  const bytes = Buffer.from(url, 'latin1');
  if (!isUtf8(bytes)) throw new AppError('invalid', 'The path is not UTF-8');
  return bytes.toString().replaceAll(/[^\x00-\x7f]+/gu, (raw) => encodeURIComponent(raw));
}
