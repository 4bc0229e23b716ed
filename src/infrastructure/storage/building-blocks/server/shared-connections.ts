import type { Awaitable } from '../../../../application/awaitable.js';

interface Opened<T> {
  readonly opening: Promise<T>;
  users: number;
}

/** A share of a connection. */
export interface Share<T> {
  readonly connection: T;
  /** Closes the connection if no other share is left. Does nothing the second time. */
  release(): Promise<void>;
}

/** Connections to servers, each opened once for all projects of this process that use it. */
export class SharedConnections<T> {
  readonly #opened = new Map<string, Opened<T>>();

  constructor(private readonly close: (connection: T) => Awaitable<void>) {}

  /** `id` has everything that the connection is made with. Rejects as `open` does; the next call tries again. */
  async acquire(id: string, open: () => Promise<T>): Promise<Share<T>> {
    const opened = this.#opened.get(id) ?? { opening: open(), users: 0 };
    this.#opened.set(id, opened);
    // Before it waits: a release meanwhile must not close it.
    opened.users += 1;
    try {
      const connection = await opened.opening;
      let released = false;
      const release = async () => {
        if (released) return;
        released = true;
        if (this.#leave(id, opened)) await this.close(connection);
      };
      return { connection, release };
    } catch (error) {
      this.#leave(id, opened);
      throw error;
    }
  }

  /** Whether no share of it is left. */
  #leave(id: string, opened: Opened<T>): boolean {
    opened.users -= 1;
    if (opened.users > 0) return false;
    this.#opened.delete(id);
    return true;
  }
}
