import type { ExternalChange, ExternalChangeListener } from '../ports/external-changes.js';

/** Passes on what other programs do to one store, while that store is the current one. */
export class ExternalChangeRelay implements ExternalChangeListener {
  #target: ExternalChangeListener | undefined;
  #poll: (() => Promise<void>) | undefined;
  #missed = false;
  #isShared = false;

  changed(changes: readonly ExternalChange[]): void {
    if (this.#target === undefined) this.#missed = true;
    else this.#target.changed(changes);
  }

  overflowed(): void {
    this.#isShared = true;
    this.#target?.overflowed();
  }

  isWatched(): boolean {
    return this.#target?.isWatched() === true;
  }

  setPoller(poll: () => Promise<void>): void {
    this.#poll = poll;
    this.#target?.setPoller(poll);
  }

  /** Starts relaying. Changes since the store was opened may matter to the target: they are reported as an overflow. */
  relayTo(target: ExternalChangeListener): void {
    this.#target = target;
    target.setPoller(this.#poll ?? (async () => undefined));
    if (this.#missed) target.overflowed();
  }

  /** Reports an overflow if other programs share the store, because they may have changed it before it was opened. */
  overflowIfShared(): void {
    if (this.#isShared) this.#target?.overflowed();
  }

  stop(): void {
    this.#target = undefined;
  }
}
