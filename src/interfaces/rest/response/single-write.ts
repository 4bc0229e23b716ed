import { type ServerResponse, STATUS_CODES } from 'node:http';
import { httpDate } from './http-date.js';
import { securityHeaders } from './security-headers.js';

/** Up to this size, in bytes, a body goes out together with its head. */
const MOST_BYTES = 8 * 1024;
/** What no value of a header may hold (RFC 9110, 5.5). */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

const SECURITY = linesOf(securityHeaders);
/** Status line and the headers of every answer, by status. */
const beginnings: string[] = [];
const date = { second: Number.NaN, line: '' };

/** What node keeps of an answer and reads when it is ended. */
interface NodeAnswer {
  /** The head, to which the first piece of the body is joined when it goes out. */
  _header: string;
  readonly _keepAliveTimeout: number;
}

/**
 * Ends an answer with head and body at once, where it is as most are: with a small body, no headers but these and those of every answer,
 * on a connection that stays. Otherwise does nothing and answers false.
 *
 * node checks and joins the headers of each answer anew, and hands head and body to the kernel as two pieces, with `writev`: together a
 * quarter of the time in which a bare server answers. What stands in the head already goes out with a plain `write`.
 */
export function endInSingleWrite(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array | undefined,
): boolean {
  const { req: request } = response;
  if (!response.shouldKeepAlive || request.httpVersion !== '1.1' || request.method === 'HEAD') return false;
  if ((body !== undefined && body.length > MOST_BYTES) || response.getHeaderNames().length > 0) return false;
  let head = `${beginningOf(status)}X-Request-Id: ${request.headers['x-request-id']}\r\n`;
  for (const name in headers) {
    const value = headers[name] as string;
    if (FORBIDDEN.test(value)) return false;
    head += `${name}: ${value}\r\n`;
  }
  const text = body === undefined ? '' : latin1(body);
  if (status !== 204 && status !== 304) head += `Content-Length: ${text.length}\r\n`;
  response.statusCode = status;
  const node = response as unknown as NodeAnswer;
  const seconds = Math.floor(node._keepAliveTimeout / 1000);
  node._header = `${head}${dateLine()}Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n${text}`;
  response.end();
  return true;
}

function beginningOf(status: number): string {
  const known = beginnings[status];
  if (known !== undefined) return known;
  const beginning = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${SECURITY}`;
  beginnings[status] = beginning;
  return beginning;
}

function linesOf(headers: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < headers.length; i += 2) lines += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return lines;
}

function dateLine(): string {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== date.second) {
    date.second = second;
    date.line = `Date: ${httpDate(now)}\r\n`;
  }
  return date.line;
}

/** The bytes as a string that has one character for each, as node takes a head. */
function latin1(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  return bytes.toString('latin1');
}
