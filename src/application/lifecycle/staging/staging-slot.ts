import { AppError } from '../../../domain/errors.js';
import type { StagedStore } from '../../keyspace/staged-store.js';

/** Lets a project have one staged store at a time. */
export class StagingSlot {
  /** Resolves when the staged store was activated or discarded; undefined if no store is staged. */
  ended: Promise<void> | undefined;

  constructor(private readonly project: string) {}

  /** Rejects with `conflict` while another store is staged. */
  async stage<T extends StagedStore>(make: () => Promise<T>): Promise<T> {
    this.requireFree();
    const free = this.#occupy();
    try {
      const staged = await make();
      let isActive = false;
      return {
        ...staged,
        activate: async (done, isDamaged) => {
          const kept = await staged.activate(done, isDamaged);
          isActive = true;
          free();
          return kept;
        },
        discard: async () => {
          if (!isActive) await staged.discard().finally(free);
        },
      };
    } catch (error) {
      free();
      throw error;
    }
  }

  /** Runs a task while no store can be staged. Rejects with `conflict` while one is. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    this.requireFree();
    const free = this.#occupy();
    return task().finally(free);
  }

  /** Throws `conflict` while a store is staged. */
  requireFree(): void {
    if (this.ended === undefined) return;
    const message = `Project '${this.project}' is being moved, restored or replaced already; try again later`;
    throw new AppError('conflict', message);
  }

  #occupy(): () => void {
    let resolve: () => void = () => undefined;
    this.ended = new Promise((done) => {
      resolve = done;
    });
    return () => {
      this.ended = undefined;
      resolve();
    };
  }
}
