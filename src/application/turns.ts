import type { Awaitable } from './ports/store.js';

/** Ends a turn; the next task in line starts. */
export type Release = () => void;

/** Tasks that share a name run one after another, in the order of asking. */
export class Turns {
  readonly #tails = new Map<string, Promise<void>>();

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
    const before = this.#tails.get(name);
    let release: Release = () => undefined;
    const turn = new Promise<void>((resolve) => {
      release = () => {
        if (this.#tails.get(name) === turn) this.#tails.delete(name);
        resolve();
      };
    });
    this.#tails.set(name, turn);
    return before === undefined ? release : before.then(() => release);
  }
}
