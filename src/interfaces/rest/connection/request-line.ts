import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../domain/errors.js';
import { HttpError } from '../response/http-error.js';

/** The longest request target, in bytes. */
export const MAX_URL = 8 * 1024;
/** The target of a request about the server as a whole. */
export const WHOLE_SERVER = '*';
const MAX_HEADERS = 100;

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;
/** A host by name, by address or in brackets, and a port. A user name is not allowed: RFC 9110, 4.2.4. */
const AUTHORITY = /^(?:(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+|\[[0-9a-f:.]+\])(?::(\d{0,5}))?$/i;
const MAX_PORT = 65535;

/**
 * Refuses what node's parser accepts: HTTP/0.9 and 2.0, no or several Host headers, targets that are no path (except
 * `OPTIONS *`), fragments, a URL that is too long, too many headers, transfer codings other than `chunked`. Throws
 * `invalid`, `uri_too_long` or `headers_too_large`. The target is in the form of `originForm`.
 */
export function validateRequest({ method, url = '', rawHeaders, headers, httpVersion }: IncomingMessage): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new AppError('invalid', 'This is no HTTP/1.1 request');
  if (url.charCodeAt(0) !== 0x2f && !(url === WHOLE_SERVER && method === 'OPTIONS')) {
    throw new AppError('invalid', 'The request target must be a path that begins with /, or http://HOST/PATH');
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
    // A proxy that speaks HTTP/1.0 ignores the header and would see other requests in these bytes than this server
    // does.
    throw new AppError('invalid', 'Transfer-Encoding can only be chunked, and only in HTTP/1.1');
  }
}

export function tooLongUrl(): HttpError {
  return new HttpError('uri_too_long', `The URL may have at most ${MAX_URL} bytes`, { limit_bytes: MAX_URL });
}

/**
 * The path and query of a target in absolute form, `http://host/path`, as clients send it to a proxy (RFC 9112, 3.2.2);
 * another target as it is. The host is not looked at, as that in Host is not. Throws `invalid` if it is malformed.
 */
export function originForm({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): string {
  if (url.charCodeAt(0) === 0x2f) return url;
  const [, authority, rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (authority === undefined) return url;
  const port = AUTHORITY.exec(authority)?.[1] ?? '';
  if (!AUTHORITY.test(authority) || Number(port) > MAX_PORT) {
    throw new AppError('invalid', 'The request target has no valid host: http://HOST/PATH or http://HOST:PORT/PATH');
  }
  if (rest === '') return method === 'OPTIONS' ? WHOLE_SERVER : '/';
  return rest.startsWith('?') ? `/${rest}` : rest;
}

/** Percent-encodes raw UTF-8 bytes in a target, as curl sends them; throws `invalid` if they are no UTF-8. */
export function normalizeTarget(url: string): string {
  if (/^[\x00-\x7f]*$/.test(url)) return url;
  const bytes = Buffer.from(url, 'latin1');
  if (!isUtf8(bytes)) throw new AppError('invalid', 'The path is not UTF-8');
  return bytes.toString().replaceAll(/[^\x00-\x7f]+/gu, (raw) => encodeURIComponent(raw));
}
