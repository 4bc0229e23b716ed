import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How long the thread waits for more to do before it ends and gives its memory back, in ms. */
const PATIENCE = 10_000;

/** What argon2id takes: KiB of memory, passes over it, lanes. */
export interface Argon2Cost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** To make a hash of the secret, or to verify it against one. */
export type HashTask = { readonly secret: string } & ({ readonly cost: Argon2Cost } | { readonly hash: string });

/**
 * A thread of low priority for hashes, one at a time: neither the event loop nor libuv's threads, which write to the
 * disk, wait for them.
 */
export class HashThread {
  #worker: Worker | undefined;
  #ending: NodeJS.Timeout | undefined;

  /** By argon2id. */
  hash(secret: string, cost: Argon2Cost): Promise<string> {
    return this.#run({ secret, cost }) as Promise<string>;
  }

  /** Against a hash by argon2id or PBKDF2. */
  verify(secret: string, hash: string): Promise<boolean> {
    return this.#run({ secret, hash }) as Promise<boolean>;
  }

  async #run(task: HashTask): Promise<string | boolean> {
    clearTimeout(this.#ending);
    this.#worker ??= new Worker(new URL('./hash-worker.js', import.meta.url));
    this.#worker.ref();
    this.#worker.postMessage(task);
    try {
      const [result] = await once(this.#worker, 'message');
      this.#worker.unref();
      this.#ending = setTimeout(() => this.#end(), PATIENCE).unref();
      return result;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}
