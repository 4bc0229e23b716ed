import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../../../domain/errors.js';
import { isRateEnforced } from '../request/body-timeout.js';
import { HttpError, type RestError } from '../response/http-error.js';
import { closeAfterRead, writeRawError } from './raw-error.js';
import { MAX_URL, tooLongUrl } from './request-line.js';

export interface ParseError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** What went wrong before there was anything that an answer could be sent through. */
const NO_TLS = /^ERR_(SSL|TLS)_/;

const rejected = new WeakSet<Duplex>();

/** Answers what node's parser refused, in the envelope, and closes. `nextId` gives the answer its request id. */
export function answerClientError(error: ParseError, socket: Duplex, nextId: () => string): void {
  if (error.code === 'ECONNRESET' || NO_TLS.test(error.code ?? '') || !socket.writable) {
    socket.destroy();
    return;
  }
  const response = responseOn(socket);
  if (response !== undefined && error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isRateEnforced(response.req)) return;
  if (rejected.has(socket)) return;
  rejected.add(socket);
  afterAnswers(socket, () => writeRawError(problemOf(error), nextId(), socket));
}

/** Calls `write` when every whole request before it has its answer; never into the middle of one. */
function afterAnswers(socket: Duplex, write: () => void): void {
  const response = responseOn(socket);
  if (response === undefined || !(response.req.complete || response.headersSent)) write();
  else if (response.req.complete) response.once('close', () => afterAnswers(socket, write));
  else {
    // It was answered before its body had come, and the body turned out bad.
    response.end();
    socket.end();
    closeAfterRead(socket);
  }
}

/** The answer under way: node keeps it on the socket, and has no public name for it. */
function responseOn(socket: Duplex): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

function problemOf({ code, rawPacket }: ParseError): RestError {
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
