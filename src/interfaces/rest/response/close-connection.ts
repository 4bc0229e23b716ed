import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * How long a connection that must close still discards what the client sends, so that it can read the response, in ms.
 */
const LINGER = 500;

/** Whether the request announces a body that is not empty. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
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

/**
 * Responds although the body has not arrived, then closes. Closing at once would reset the connection while the client
 * still sends, and it might never read the response.
 */
export function writeAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: string[],
  body: string,
): void {
  response.writeHead(status, [...headers, 'Connection', 'close']);
  if (request.method === 'HEAD') response.flushHeaders();
  else response.write(body);
  const close = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, LINGER);
  request.on('end', close);
  request.on('close', close);
  request.resume();
}
