import type { Awaitable } from './awaitable.js';

/** Ends a turn; the next task in line starts. Once is enough, more does nothing. */
export type Release = () => void;

/** Tasks that share a name run one after another, in the order of asking. */
export class KeyedMutex {
  /** Who waits for a name that is taken; null where nobody does. */
  readonly #lines = new Map<string, (() => void)[] | null>();

  /** At once where all names are free, or when all are this task's own. */
  acquire(names: readonly string[]): Awaitable<Release> {
    if (names.length === 1) return this.#takeOne(names[0] as string);
    const all = [...new Set(names)];
    return all.some((name) => this.#lines.has(name)) ? this.#takeEach(all.sort()) : this.#takeAll(all);
  }

  /** Runs the task in its turn. */
  async run<T>(names: readonly string[], task: () => T | Promise<T>): Promise<T> {
    const release = await this.acquire(names);
    try {
      return await task();
    } finally {
      release();
    }
  }

  #takeAll(names: readonly string[]): Release {
    for (const name of names) this.#lines.set(name, null);
    return once(() => {
      for (const name of names) this.#next(name);
    });
  }

  /** In sorted order, so that two tasks never wait for each other. */
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
      return once(() => this.#next(name));
    }
    const waiting = line ?? [];
    this.#lines.set(name, waiting);
    return new Promise((resolve) => {
      waiting.push(() => resolve(once(() => this.#next(name))));
    });
  }

  #next(name: string): void {
    const next = this.#lines.get(name)?.shift();
    if (next === undefined) this.#lines.delete(name);
    else next();
  }
}

function once(release: Release): Release {
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    release();
  };
}
