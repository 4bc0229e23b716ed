import { statfs } from 'node:fs/promises';
import type { EntryRules } from '../../application/ports/entry-rules.js';
import { AppError } from '../../domain/errors.js';

const EVERY = 1_000;
const MOST_RESERVED = 64 * 1024 * 1024;
const SHARE_RESERVED = 0.02;

/**
 * Watches how much room a disk has. Below the reserve writes are refused while there is still room to delete, to close and to
 * recover in; it is noticed within a second, in both directions.
 */
export class FreeSpace {
  readonly #folder: string;
  readonly #configured: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #free = Number.POSITIVE_INFINITY;
  #reserve = 0;

  /** `reserve` in bytes; by default the smaller of 64 MiB and 2 % of the disk. */
  constructor(folder: string, reserve: number | undefined) {
    this.#folder = folder;
    this.#configured = reserve;
  }

  async start(): Promise<void> {
    await this.#measure();
    this.#timer = setInterval(() => void this.#measure(), EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Rejects with `insufficient_storage` where so many bytes would not leave the reserve free, as it is now. */
  async requireFor(bytes: number): Promise<void> {
    await this.#measure();
    if (this.#free - this.#reserve >= bytes) return;
    throw new AppError(
      'insufficient_storage',
      `The copy needs about ${bytes} bytes; ${this.#free} are free in ${this.#folder}, ${this.#reserve} are kept in reserve`,
    );
  }

  /** Throws `insufficient_storage` while less than the reserve is free. */
  require(): void {
    if (this.#free >= this.#reserve) return;
    throw new AppError(
      'insufficient_storage',
      `The disk is full: ${this.#free} bytes are free, ${this.#reserve} are kept in reserve; reading and deleting still work`,
      { details: { limit: 'min_free_bytes', limit_bytes: this.#reserve, free_bytes: this.#free } },
    );
  }

  async #measure(): Promise<void> {
    try {
      const { bavail, blocks, bsize } = await statfs(this.#folder);
      this.#free = bavail * bsize;
      this.#reserve = this.#configured ?? Math.min(MOST_RESERVED, Math.floor(blocks * bsize * SHARE_RESERVED));
    } catch {
      this.#free = Number.POSITIVE_INFINITY; // What cannot be measured is found out by writing.
    }
  }
}

/** The rules, and no entry is put while the disk is full. */
export function withRoom(rules: EntryRules, space: FreeSpace): EntryRules {
  return {
    ...rules,
    check: (entry) => {
      space.require();
      rules.check(entry);
    },
  };
}
