import { constants, fstatSync, openSync, writeSync } from 'node:fs';

const STDERR = 2;
/** How long a line waits for a reader that is slow, in ms. */
const PATIENCE = 100;
const PAUSE = 5;

/**
 * Writes lines to standard error, synchronously, so that an exit loses none. A line that cannot be written is dropped:
 * a full disk, a pipe without a reader or a closed terminal must not take the server with it.
 */
export class ErrorOutput {
  readonly #fd = withoutBlocking();
  /** Whether the last line was dropped because no program reads them: the next one then does not wait. */
  #isStuck = false;
  /** Whether only the beginning of a line was written. */
  #isCutOff = false;

  write(line: string): void {
    const bytes = Buffer.from(this.#isCutOff ? `\n${line}` : line);
    let done = 0;
    try {
      while (done < bytes.length) done += this.#writeSome(bytes, done);
      this.#isStuck = false;
      this.#isCutOff = false;
    } catch {
      this.#isCutOff ||= done > 0; // There is no other place to report it.
    }
  }

  #writeSome(bytes: Buffer, from: number): number {
    for (let waited = 0; ; waited += PAUSE) {
      try {
        return writeSync(this.#fd, bytes, from);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        this.#isStuck ||= waited >= PATIENCE;
        if (this.#isStuck) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
      }
    }
  }
}

/** A pipe is opened again, so that a write to a full one fails instead of waiting. */
function withoutBlocking(): number {
  try {
    if (fstatSync(STDERR).isFIFO()) return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Without it, a write to a full pipe waits.
  }
  return STDERR;
}
