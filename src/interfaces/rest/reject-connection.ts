import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode } from '../../domain/errors.js';
import { errorEnvelope, problems } from './problem.js';

/** Answers what node's parser refused, in the envelope, and closes. */
export function rejectConnection(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, message } = reasonOf(error.code);
  const body = errorEnvelope(new AppError(code, message), 'null');
  const { status } = problems[code];
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function reasonOf(code: string | undefined): { code: ErrorCode; message: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'headers_too_large', message: 'The header may have at most 16384 bytes' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'timeout', message: 'The request took too long to arrive' };
    default:
      return { code: 'invalid', message: 'This is no HTTP/1.1 request' };
  }
}
