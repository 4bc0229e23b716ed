import type { StagedStore } from '../../../application/keyspace/keyspaces.js';
import { AppError } from '../../../domain/errors.js';

/** Lets only one store be made beside a project's present one at a time. */
export class StagingSlot {
  /** Resolves when the one that is there took charge or was discarded; undefined where there is none. */
  ended: Promise<void> | undefined;

  constructor(private readonly project: string) {}

  /** Rejects with `conflict` while there is another. */
  async stage<T extends StagedStore>(make: () => Promise<T>): Promise<T> {
    this.requireFree();
    const ended = this.#begun();
    try {
      const next = await make();
      let inCharge = false;
      return {
        ...next,
        activate: async (done) => {
          await next.activate(done);
          inCharge = true;
          ended();
        },
        discard: async () => {
          if (!inCharge) await next.discard().finally(ended);
        },
      };
    } catch (error) {
      ended();
      throw error;
    }
  }

  /** Throws `conflict` while there is one. */
  requireFree(): void {
    if (this.ended === undefined) return;
    const message = `Project '${this.project}' is being moved, restored or replaced already; try again later`;
    throw new AppError('conflict', message);
  }

  #begun(): () => void {
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
