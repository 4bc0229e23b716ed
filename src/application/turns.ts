/** Ends a turn; the next task in line starts. */
export type Release = () => void;

/** Tasks that share a name run one after another, in the order of asking. */
export class Turns {
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves when all names are this task's own. Takes them in sorted order, so that two tasks never wait for each other. */
  async take(names: readonly string[]): Promise<Release> {
    if (names.length === 1) return this.#takeOne(names[0] as string);
    const releases: Release[] = [];
    for (const name of [...new Set(names)].sort()) releases.push(await this.#takeOne(name));
    return () => {
      for (const release of releases) release();
    };
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

  async #takeOne(name: string): Promise<Release> {
    const before = this.#tails.get(name);
    let release: Release = () => undefined;
    const turn = new Promise<void>((resolve) => {
      release = () => {
        if (this.#tails.get(name) === turn) this.#tails.delete(name);
        resolve();
      };
    });
    this.#tails.set(name, turn);
    if (before !== undefined) await before;
    return release;
  }
}
