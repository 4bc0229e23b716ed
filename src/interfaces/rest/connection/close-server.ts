import type { Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { Server as NetServer } from 'node:net';

/** How long requests may take to finish once the server stops, in ms. */
const GRACE = 3_000;

/**
 * Stops accepting connections, lets requests finish, and then closes every connection. A client with an idle connection
 * has `quiet` ms for another request, whose response announces the close. If the connection were closed at once, as
 * node does it, a request on the way would be lost.
 */
export async function closeServer(server: Server | TlsServer, quiet: number): Promise<void> {
  server.prependListener('request', (_: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  let idleTimer: NodeJS.Timeout | undefined;
  const quietTimer = setTimeout(() => {
    server.closeIdleConnections();
    idleTimer = setInterval(() => server.closeIdleConnections(), 20);
  }, quiet);
  const graceTimer = setTimeout(() => server.closeAllConnections(), GRACE);
  await new Promise<void>((done) => NetServer.prototype.close.call(server, () => done()));
  for (const timer of [quietTimer, idleTimer, graceTimer]) clearTimeout(timer);
  server.close();
}
