/**
 * The steps in which the time limit of a write is counted. Time in which this process does not run, because it works on
 * a large value or gets no processor, is one step at most, and is not taken for a disk that does not respond.
 */
const TIMEOUT_STEPS = 10;

/** Runs a task of the disk. Rejects, after `late` was called, if it takes more than `timeout` ms; it may still run. */
export async function inTime<T>(task: () => Promise<T>, timeout: number, late: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    let steps = 0;
    timer = setInterval(() => {
      if (++steps < TIMEOUT_STEPS) return;
      late();
      reject(new Error(`no answer from the disk for ${timeout} ms`));
    }, timeout / TIMEOUT_STEPS);
  });
  try {
    return await Promise.race([task(), isLate]);
  } finally {
    clearInterval(timer);
  }
}
