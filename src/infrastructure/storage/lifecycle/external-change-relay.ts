import type { ExternalChange, ExternalChangeListener } from '../../../application/ports/external-changes.js';

/** Passes on what others do to one store, while that is in charge. */
export class ExternalChangeRelay implements ExternalChangeListener {
  #to: ExternalChangeListener | undefined;
  #look: (() => Promise<void>) | undefined;
  #missed = false;
  #shared = false;

  changed(changes: readonly ExternalChange[]): void {
    if (this.#to === undefined) this.#missed = true;
    else this.#to.changed(changes);
  }

  overflowed(): void {
    this.#shared = true;
    this.#to?.overflowed();
  }

  setPoller(look: () => Promise<void>): void {
    this.#look = look;
  }

  /** From now on; what others changed since it was opened may matter to the listener. */
  relayTo(to: ExternalChangeListener): void {
    this.#to = to;
    to.setPoller(this.#look ?? (async () => undefined));
    if (this.#missed) to.overflowed();
  }

  /** What others did before the store was opened matters, too, where there can be others. */
  overflowIfShared(): void {
    if (this.#shared) this.#to?.overflowed();
  }

  stop(): void {
    this.#to = undefined;
  }
}
