import { CommitTooLargeError } from '../../domain/errors.js';

/**
 * Runs a task for all items at once, or for halves of them, and so on, if the store takes no commit of so many: for
 * what need not happen at one moment. Returns the results, in the order of the items.
 */
export async function inParts<Item, Result>(
  items: readonly Item[],
  task: (part: readonly Item[]) => PromiseLike<Result> | Result,
): Promise<Result[]> {
  try {
    return [await task(items)];
  } catch (error) {
    if (!(error instanceof CommitTooLargeError && items.length > 1)) throw error;
    const half = Math.ceil(items.length / 2);
    const first = await inParts(items.slice(0, half), task);
    return [...first, ...(await inParts(items.slice(half), task))];
  }
}
