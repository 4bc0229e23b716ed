/** The first delay before a part is asked for again, and the longest, in ms. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 10_000;

/** Calls `load` until it succeeds: a server that is away for a while sends no parts. Undefined after `stop`. */
export async function loadPart<T>(
  load: () => Promise<T>,
  { stop, onFailure = () => {} }: { readonly stop: AbortSignal; readonly onFailure?: () => void },
): Promise<T | undefined> {
  for (let delay = FIRST_DELAY; !stop.aborted; delay = Math.min(delay * 2, LONGEST_DELAY)) {
    try {
      const part = await load();
      return stop.aborted ? undefined : part;
    } catch {
      onFailure();
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
  return undefined;
}
