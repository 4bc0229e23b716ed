import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll } from '../../../files/write-all.js';

/** How long a delete is remembered at least, and half of how long at most, in ms. */
const KEPT = 3_600_000;
/** Beyond this size the earlier ones go before their time, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * What was deleted from a shared folder lately, for other programs that look at it now and then: `deleted.ndjson`, and before that
 * `deleted.old.ndjson`, a line each. A delete is noted before it happens; a crash may keep it from happening. Not synced: a
 * power cut may take the last lines.
 */
export class Tombstones {
  readonly #path: string;
  readonly #old: string;

  /** `own` is PortKV's folder in the shared one. */
  constructor(own: string) {
    this.#path = join(own, 'deleted.ndjson');
    this.#old = join(own, 'deleted.old.ndjson');
  }

  /** Used under the lock. */
  async record(keys: readonly string[]): Promise<void> {
    const now = Date.now();
    const lines = keys.map((key) => `${JSON.stringify({ deleted_at: now / 1000, key })}\n`).join('');
    if (await this.#isOver(now)) await rename(this.#path, this.#old);
    await using file = await open(this.#path, FLAGS, 0o600);
    await writeAll(file, Buffer.from(lines));
  }

  /** Whether it is time to begin a new file. */
  async #isOver(now: number): Promise<boolean> {
    await using file = await open(this.#path, FLAGS, 0o600);
    const { size } = await file.stat();
    return size > MOST_BYTES || (size > 0 && now - (await firstTime(file)) > KEPT);
  }
}

/** When the first delete in the file was, in ms since 1970; 0 where it cannot be read. */
async function firstTime(file: FileHandle): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(40), 0, 40, 0);
  return Number(/^\{"deleted_at":([\d.]+),/.exec(buffer.toString('latin1'))?.[1] ?? 0) * 1000;
}
