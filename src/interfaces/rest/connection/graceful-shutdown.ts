import type { Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import { responseOn } from './client-error.js';

/** How long requests may take to finish once the server stops, in ms. */
const GRACE = 3_000;

/** Stops a server so that no client loses a request. */
export class GracefulShutdown {
  readonly #server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();

  /** For a server that does not listen yet. */
  constructor(server: Server | TlsServer) {
    this.#server = server;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /**
   * Stops accepting connections, lets requests finish, and then closes every connection. A client with an idle
   * connection has `quiet` ms for another request. Every response from now on announces the close, also to a request
   * that is under way. If a connection were closed without that, as node does it, a request on the way would be lost.
   */
  async run(quiet: number): Promise<void> {
    const server = this.#server;
    server.prependListener('request', (_: unknown, response: ServerResponse) => {
      response.shouldKeepAlive = false;
    });
    for (const socket of this.#sockets) {
      const response = responseOn(socket);
      if (response !== undefined) response.shouldKeepAlive = false;
    }
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
}
