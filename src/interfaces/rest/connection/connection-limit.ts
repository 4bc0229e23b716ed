import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { AppError } from '../../../domain/errors.js';

/** Connections beyond the limit that still get an answer; those beyond are dropped. */
const ANSWERED = 500;

/** Counts connections, so that those beyond the limit are told why they are not served. */
export class ConnectionLimit {
  #open = 0;
  readonly #surplus = new Set<Socket>();

  constructor(readonly limit: number) {}

  watch(server: Server | TlsServer): void {
    server.maxConnections = this.limit + ANSWERED;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open += 1;
      if (this.#open > this.limit) this.#surplus.add(socket);
      socket.on('close', () => {
        this.#open -= 1;
        this.#surplus.delete(socket);
      });
    });
  }

  /** Throws `unavailable` where the connection came when there was no room. */
  requireRoom(socket: Socket): void {
    if (this.#surplus.size > 0 && this.#surplus.has(socket)) {
      throw new AppError('unavailable', `The server has ${this.limit} connections already; try again`);
    }
  }
}
