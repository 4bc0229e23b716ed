import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Gives clients whose request seems late another chance when it was this process that stood still, busy or starved: node looks
 * who is late before it reads what has come meanwhile, and only once.
 */
export class StallGrace {
  readonly #interval: number;
  readonly #allowed: number;
  readonly #excused = new Set<Duplex>();
  #beat = performance.now();
  #stoodStill = Number.NEGATIVE_INFINITY;

  /** `interval` is how often it is looked who is late, `allowed` how long another chance lasts, both in ms. */
  constructor(interval: number, allowed: number) {
    this.#interval = interval;
    this.#allowed = allowed;
  }

  watch(server: Pick<Server, 'on'>): void {
    let timer: NodeJS.Timeout | undefined;
    server.on('listening', () => {
      this.#beat = performance.now();
      timer = setInterval(() => this.#look(), this.#interval).unref();
    });
    server.on('close', () => clearInterval(timer));
  }

  /** Whether a request that has not come is none of the client's fault. `refuse` is called when it does not come now, either. */
  grant(socket: Duplex, refuse: () => void): boolean {
    this.#look();
    if (performance.now() - this.#stoodStill > this.#interval) return false;
    this.#excused.add(socket);
    setTimeout(() => {
      if (this.#excused.delete(socket)) refuse();
    }, this.#allowed).unref();
    return true;
  }

  /** A request has come. */
  requestArrived(socket: Duplex): void {
    if (this.#excused.size > 0) this.#excused.delete(socket);
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#beat > 2 * this.#interval) this.#stoodStill = now;
    this.#beat = now;
  }
}
