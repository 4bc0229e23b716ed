import type { Others, OthersChange } from '../../application/ports/others.js';

/** Passes on what others do to one store, while that is in charge. */
export class OthersInCharge implements Others {
  #to: Others | undefined;
  #look: (() => Promise<void>) | undefined;
  #missed = false;
  #shared = false;

  changed(changes: readonly OthersChange[]): void {
    if (this.#to === undefined) this.#missed = true;
    else this.#to.changed(changes);
  }

  lost(): void {
    this.#shared = true;
    this.#to?.lost();
  }

  offer(look: () => Promise<void>): void {
    this.#look = look;
  }

  /** From now on; what others changed since it was opened may matter to the listener. */
  pass(to: Others): void {
    this.#to = to;
    to.offer(this.#look ?? (async () => undefined));
    if (this.#missed) to.lost();
  }

  /** What others did before the store was opened matters, too, where there can be others. */
  lostBefore(): void {
    if (this.#shared) this.#to?.lost();
  }

  stop(): void {
    this.#to = undefined;
  }
}
