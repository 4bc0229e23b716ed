import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { AppError } from '../../../domain/errors.js';

/** How many connections beyond the limit still get a response; further ones are dropped. */
const REFUSED_WITH_RESPONSE = 500;

/** Counts connections, so that clients beyond the limit get an error that gives the reason. */
export class ConnectionLimit {
  #open = 0;
  readonly #surplus = new Set<Socket>();

  constructor(readonly limit: number) {}

  watch(server: Server | TlsServer): void {
    server.maxConnections = this.limit + REFUSED_WITH_RESPONSE;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open += 1;
      if (this.#open > this.limit) this.#surplus.add(socket);
      socket.on('close', () => {
        this.#open -= 1;
        this.#surplus.delete(socket);
      });
    });
  }

  /** Throws `unavailable` if the connection was opened beyond the limit. */
  requireRoom(socket: Socket): void {
    if (this.#surplus.size > 0 && this.#surplus.has(socket)) {
      throw new AppError('unavailable', `The server has ${this.limit} connections already; try again`);
    }
  }
}
