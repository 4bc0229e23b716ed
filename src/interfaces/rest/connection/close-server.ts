import type { Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { Server as NetServer } from 'node:net';

/** How long requests under way may take to finish at a stop, in ms. */
const GRACE = 3_000;

/**
 * Stops accepting, lets what runs finish, and cuts off what does not. A client that keeps its connection learns from the next answer
 * that it ends, and has `quiet` ms to ask: cut at once, as Node does it, its next request would be lost on the way.
 */
export async function closeServer(server: Server | TlsServer, quiet: number): Promise<void> {
  server.prependListener('request', (_: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  let idle: NodeJS.Timeout | undefined;
  const calm = setTimeout(() => {
    server.closeIdleConnections();
    idle = setInterval(() => server.closeIdleConnections(), 20);
  }, quiet);
  const late = setTimeout(() => server.closeAllConnections(), GRACE);
  await new Promise<void>((done) => NetServer.prototype.close.call(server, () => done()));
  for (const timer of [calm, idle, late]) clearTimeout(timer);
  server.close();
}
