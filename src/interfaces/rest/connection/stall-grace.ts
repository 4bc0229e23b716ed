import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Gives clients more time if their request seems late because this process stalled, busy or without processor time.
 * Node checks for late requests before it reads what has arrived in the meantime, and checks each only once.
 */
export class StallGrace {
  readonly #interval: number;
  readonly #extraTime: number;
  readonly #granted = new Set<Duplex>();
  #lastCheck = performance.now();
  #stalledAt = Number.NEGATIVE_INFINITY;

  /** `interval` is how often node checks for late requests, `extraTime` what a client gets; both in ms. */
  constructor(interval: number, extraTime: number) {
    this.#interval = interval;
    this.#extraTime = extraTime;
  }

  watch(server: Pick<Server, 'on'>): void {
    let timer: NodeJS.Timeout | undefined;
    server.on('listening', () => {
      this.#lastCheck = performance.now();
      timer = setInterval(() => this.#check(), this.#interval).unref();
    });
    server.on('close', () => clearInterval(timer));
  }

  /**
   * Returns whether this process stalled, so that the client gets extra time. `refuse` is called if the request does
   * not arrive within that time.
   */
  grant(socket: Duplex, refuse: () => void): boolean {
    this.#check();
    if (performance.now() - this.#stalledAt > this.#interval) return false;
    this.#granted.add(socket);
    setTimeout(() => {
      if (this.#granted.delete(socket)) refuse();
    }, this.#extraTime).unref();
    return true;
  }

  /** Call it for each request that has arrived. */
  requestArrived(socket: Duplex): void {
    if (this.#granted.size > 0) this.#granted.delete(socket);
  }

  #check(): void {
    const now = performance.now();
    if (now - this.#lastCheck > 2 * this.#interval) this.#stalledAt = now;
    this.#lastCheck = now;
  }
}
