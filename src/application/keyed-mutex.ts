import type { Awaitable } from './awaitable.js';

/** Releases the names; the next task starts. Further calls do nothing. */
export type Release = () => void;

/** Runs tasks that share a name one after another, in the order of their calls. */
export class KeyedMutex {
  /** The tasks that wait for a name that is taken; null if none waits. */
  readonly #queues = new Map<string, (() => void)[] | null>();

  /** Synchronous if all names are free; else resolves when this task has all of them. */
  acquire(names: readonly string[]): Awaitable<Release> {
    if (names.length === 1) return this.#takeOne(names[0] as string);
    for (const name of names) if (this.#queues.has(name)) return this.#takeEach([...new Set(names)].sort());
    return this.#takeAll(names);
  }

  /** Runs the task while it has all names. */
  async run<T>(names: readonly string[], task: () => T | Promise<T>): Promise<T> {
    const release = await this.acquire(names);
    try {
      return await task();
    } finally {
      release();
    }
  }

  #takeAll(names: readonly string[]): Release {
    const before = this.#queues.size;
    for (const name of names) this.#queues.set(name, null);
    // One that is named twice is passed on once.
    const all = this.#queues.size - before === names.length ? names : [...new Set(names)];
    return once(() => {
      for (const name of all) this.#next(name);
    });
  }

  /** In sorted order, so that two tasks never wait for each other. */
  async #takeEach(names: readonly string[]): Promise<Release> {
    const releases: Release[] = [];
    for (const name of names) {
      const taken = this.#takeOne(name);
      releases.push(taken instanceof Promise ? await taken : taken);
    }
    return () => {
      for (const release of releases) release();
    };
  }

  #takeOne(name: string): Awaitable<Release> {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      this.#queues.set(name, null);
      return once(() => this.#next(name));
    }
    const waiting = queue ?? [];
    this.#queues.set(name, waiting);
    return new Promise((resolve) => {
      waiting.push(() => resolve(once(() => this.#next(name))));
    });
  }

  #next(name: string): void {
    const next = this.#queues.get(name)?.shift();
    if (next === undefined) this.#queues.delete(name);
    else next();
  }
}

function once(release: Release): Release {
  let isTaken = true;
  return () => {
    if (!isTaken) return;
    isTaken = false;
    release();
  };
}
