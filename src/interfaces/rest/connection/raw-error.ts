import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorEnvelope, errorHeaders, errorTable } from '../response/error-response.js';
import type { RestError } from '../response/http-error.js';
import { securityHeaders } from '../response/security-headers.js';

/**
 * How long a connection that must close still discards what the client sends, so that it can read the response, in ms.
 */
export const LINGER = 500;

/** Writes an error to a socket that has no response object, and closes the connection. */
export function writeRawError(error: RestError, requestId: string, socket: Duplex): void {
  const body = errorEnvelope(error, 'null');
  const { status } = errorTable[error.code];
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, `X-Request-Id: ${requestId}`];
  for (let i = 0; i < securityHeaders.length; i += 2) lines.push(`${securityHeaders[i]}: ${securityHeaders[i + 1]}`);
  for (const [name, value] of Object.entries(errorHeaders(error))) lines.push(`${name}: ${value}`);
  lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close');
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  closeAfterRead(socket);
}

/**
 * Closes when the client does, after `LINGER` at the latest. Closing at once would reset the connection while the
 * client sends, and it might never read the response.
 */
export function closeAfterRead(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.on('end', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  socket.resume();
}
