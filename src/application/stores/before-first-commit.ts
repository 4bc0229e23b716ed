import type { SwappableStore } from './swappable-store.js';

/**
 * Runs a task before the first commit from now on, which fails if the task does: then the next commit tries again. Call
 * it inside `quiesce` or before the first commit.
 */
export function beforeFirstCommit(swappable: SwappableStore, task: () => Promise<void>): void {
  let running: Promise<void> | undefined;
  const stop = swappable.addListenerQuiesced({
    before: async () => {
      running ??= task().finally(() => {
        running = undefined;
      });
      await running;
      stop();
    },
  });
}
