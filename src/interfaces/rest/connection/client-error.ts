import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../../../domain/errors.js';
import { closeAfterRead } from '../response/close-connection.js';
import { HttpError, type RestError } from '../response/http-error.js';
import { writeRawError } from '../response/raw-response.js';
import { isExemptFromRequestTimeout } from './http-limits.js';
import { MAX_URL, tooLongUrl } from './request-line.js';

export interface ParseError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Errors of TLS: there is no connection over which a response could be sent. */
const TLS_ERROR = /^ERR_(SSL|TLS)_/;

const rejected = new WeakSet<Duplex>();

/** Responds with an error in the envelope to what node's parser refused, and closes. `nextId` makes the request id. */
export function answerClientError(error: ParseError, socket: Duplex, nextId: () => string): void {
  if (error.code === 'ECONNRESET' || TLS_ERROR.test(error.code ?? '') || !socket.writable) {
    socket.destroy();
    return;
  }
  const response = responseOn(socket);
  if (response !== undefined && error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isExemptFromRequestTimeout(response.req))
    return;
  if (rejected.has(socket)) return;
  rejected.add(socket);
  afterResponses(socket, () => writeRawError(errorOfParser(error), nextId(), socket));
}

/** Calls `write` once every complete request before it has its response, never in the middle of one. */
function afterResponses(socket: Duplex, write: () => void): void {
  const response = responseOn(socket);
  if (response === undefined || !(response.req.complete || response.headersSent)) write();
  else if (response.req.complete) response.once('close', () => afterResponses(socket, write));
  else {
    // The response was sent before the body arrived, and the body is malformed.
    response.end();
    socket.end();
    closeAfterRead(socket);
  }
}

/** The response in progress. Node keeps it on the socket and has no public name for it. */
export function responseOn(socket: Duplex): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

function errorOfParser({ code, rawPacket }: ParseError): RestError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      if (rawPacket !== undefined && !rawPacket.subarray(0, MAX_URL).includes('\n')) return tooLongUrl();
      return new HttpError('headers_too_large', 'The header may have at most 16384 bytes');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('timeout', 'The request took too long to arrive');
    default:
      return new AppError('invalid', 'This is no HTTP/1.1 request');
  }
}
