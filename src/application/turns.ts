import type { Awaitable } from './ports/store.js';

/** Ends a turn; the next task in line starts. Once is enough, more does nothing. */
export type Release = () => void;

/** Tasks that share a name run one after another, in the order of asking. */
export class Turns {
  /** Who waits for a name that is taken; null where nobody does. */
  readonly #lines = new Map<string, (() => void)[] | null>();

  /** At once, or when all names are this task's own. Takes them in sorted order, so that two tasks never wait for each other. */
  take(names: readonly string[]): Awaitable<Release> {
    return names.length === 1 ? this.#takeOne(names[0] as string) : this.#takeEach([...new Set(names)].sort());
  }

  /** Runs the task in its turn. */
  async run<T>(names: readonly string[], task: () => T | Promise<T>): Promise<T> {
    const release = await this.take(names);
    try {
      return await task();
    } finally {
      release();
    }
  }

  async #takeEach(names: readonly string[]): Promise<Release> {
    const releases: Release[] = [];
    for (const name of names) {
      const turn = this.#takeOne(name);
      releases.push(turn instanceof Promise ? await turn : turn);
    }
    return () => {
      for (const release of releases) release();
    };
  }

  #takeOne(name: string): Awaitable<Release> {
    const line = this.#lines.get(name);
    if (line === undefined) {
      this.#lines.set(name, null);
      return this.#releaseOf(name);
    }
    const waiting = line ?? [];
    this.#lines.set(name, waiting);
    return new Promise((resolve) => {
      waiting.push(() => resolve(this.#releaseOf(name)));
    });
  }

  #releaseOf(name: string): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.#lines.get(name)?.shift();
      if (next === undefined) this.#lines.delete(name);
      else next();
    };
  }
}
