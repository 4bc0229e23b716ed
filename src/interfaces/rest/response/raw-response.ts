import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeAfterRead } from './close-connection.js';
import { errorEnvelope, errorHeaders, errorTable } from './error-response.js';
import type { RestError } from './http-error.js';
import { securityHeaders } from './security-headers.js';

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
