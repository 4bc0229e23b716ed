import type { Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { responseOn } from './client-error.js';

/** How long requests may take to finish once the server stops, in ms. */
const GRACE = 3_000;

/** How often idle connections are looked for, in ms. */
const TICK = 20;
/** So many connections that wait to be accepted are accepted at a stop: as many as node lets wait. */
const MAX_WAITING = 511;

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
   * Accepts only connections that wait for it already, lets requests finish, and then closes every connection. A client
   * with an idle connection has `quiet` ms for another request. Every response from now on announces the close, also to
   * a request that is under way. If a connection were closed without that, as node does it, a request on the way would
   * be lost.
   */
  async run(quiet: number): Promise<void> {
    const server = this.#server;
    // Before the close is announced: a client that learns of it opens another connection for its next request.
    await this.#acceptWaiting();
    const closed = new Promise<void>((done) => NetServer.prototype.close.call(server, () => done()));
    server.prependListener('request', (_: unknown, response: ServerResponse) => {
      response.shouldKeepAlive = false;
    });
    for (const socket of this.#sockets) {
      const response = responseOn(socket);
      if (response !== undefined) response.shouldKeepAlive = false;
    }
    // Counted in ticks, which come late on a slow machine, where clients are late, too; each request begins again.
    let ticks = 0;
    server.on('request', () => {
      ticks = 0;
    });
    const idleTimer = setInterval(() => {
      ticks += 1;
      // Timers run before the event loop reads: a request that has arrived must be read first.
      if (ticks * TICK > quiet) void setImmediate().then(() => server.closeIdleConnections());
    }, TICK);
    const graceTimer = setTimeout(() => server.closeAllConnections(), GRACE);
    await closed;
    for (const timer of [idleTimer, graceTimer]) clearTimeout(timer);
    server.close();
  }
  /** The kernel would reset those that it has. A turn of the event loop accepts one of them. */
  async #acceptWaiting(): Promise<void> {
    let idleTurns = 0;
    const onConnection = () => {
      idleTurns = 0;
    };
    this.#server.on('connection', onConnection);
    // The turn in which this begins may be past accepting.
    for (let turns = 0; idleTurns < 2 && turns < MAX_WAITING; turns++) {
      idleTurns++;
      await setImmediate();
    }
    this.#server.off('connection', onConnection);
  }
}
