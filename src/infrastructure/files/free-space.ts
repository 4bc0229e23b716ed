import { statfs } from 'node:fs/promises';
import type { EntryRules } from '../../application/ports/entry-rules.js';
import { AppError } from '../../domain/errors.js';

const MEASURE_INTERVAL = 1_000;
const MAX_DEFAULT_RESERVE = 64 * 1024 * 1024;
const DEFAULT_RESERVE_SHARE = 0.02;

/**
 * Watches how much space a disk has. Below the reserve writes are refused, so that there is space left to delete, to
 * close and to recover. A change is noticed within a second, in both directions.
 */
export class FreeSpace {
  readonly #folder: string;
  #configured: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #free = Number.POSITIVE_INFINITY;
  #size = Number.NaN;
  #reserve = 0;

  /** `reserve` in bytes; by default the smaller of 64 MiB and 2 % of the disk. */
  constructor(folder: string, reserve: number | undefined) {
    this.#folder = folder;
    this.#configured = reserve;
  }

  /** Changes the reserve; it counts from the next measurement on. */
  setReserve(bytes: number | undefined): void {
    this.#configured = bytes;
  }

  /** What was last measured; NaN if it is not known. */
  get disk(): { readonly freeBytes: number; readonly sizeBytes: number; readonly reserveBytes: number } {
    const isKnown = Number.isFinite(this.#free);
    return {
      freeBytes: isKnown ? this.#free : Number.NaN,
      sizeBytes: isKnown ? this.#size : Number.NaN,
      reserveBytes: isKnown ? this.#reserve : Number.NaN,
    };
  }

  async start(): Promise<void> {
    await this.#measure();
    this.#timer = setInterval(() => void this.#measure(), MEASURE_INTERVAL).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Rejects with `insufficient_storage` if so many bytes would not leave the reserve free. Measures first. */
  async requireFor(bytes: number): Promise<void> {
    await this.#measure();
    if (this.#free - this.#reserve >= bytes) return;
    throw new AppError(
      'insufficient_storage',
      `The copy needs about ${bytes} bytes; ${this.#free} are free in ${this.#folder}, ` +
        `${this.#reserve} are kept in reserve`,
    );
  }

  /** Throws `insufficient_storage` while less than the reserve is free. */
  require(): void {
    if (this.#free >= this.#reserve) return;
    throw new AppError(
      'insufficient_storage',
      `The disk is full: ${this.#free} bytes are free, ${this.#reserve} are kept in reserve; ` +
        'reading and deleting still work',
      { details: { limit: 'min_free_bytes', limit_bytes: this.#reserve, free_bytes: this.#free } },
    );
  }

  async #measure(): Promise<void> {
    try {
      const { bavail, blocks, bsize } = await statfs(this.#folder);
      if (blocks === 0) throw new Error('the file system does not say how large it is');
      this.#free = bavail * bsize;
      this.#size = blocks * bsize;
      this.#reserve =
        this.#configured ?? Math.min(MAX_DEFAULT_RESERVE, Math.floor(blocks * bsize * DEFAULT_RESERVE_SHARE));
    } catch {
      this.#free = Number.POSITIVE_INFINITY; // If it cannot be measured, a write will show it.
    }
  }
}

/** The rules, and also no entry is put while the disk is full. */
export function withRoom(rules: EntryRules, space: FreeSpace): EntryRules {
  return {
    ...rules,
    check: (entry) => {
      space.require();
      rules.check(entry);
    },
  };
}

/** How many bytes are free on the disk of a folder; infinity if the file system does not say. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
