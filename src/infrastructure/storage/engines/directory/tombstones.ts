import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll } from '../../../files/write-all.js';

/** A delete is kept for at least this time, and for at most twice as long, in ms. */
const RETENTION = 3_600_000;
/** Beyond this size, in bytes, earlier deletes are dropped before their time. */
const MAX_BYTES = 4 * 1024 * 1024;
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * The recent deletes of a shared folder, for other programs that poll it: `deleted.ndjson`, and earlier ones in
 * `deleted.old.ndjson`, one line each. A delete is recorded before it happens; a crash may prevent it. Not synced: a
 * power cut may lose the last lines.
 */
export class Tombstones {
  readonly #path: string;
  readonly #oldPath: string;

  /** `own` is PortKV's folder in the shared one. */
  constructor(own: string) {
    this.#path = join(own, 'deleted.ndjson');
    this.#oldPath = join(own, 'deleted.old.ndjson');
  }

  /** Used under the lock. */
  async record(keys: readonly string[]): Promise<void> {
    const now = Date.now();
    const lines = keys.map((key) => `${JSON.stringify({ deleted_at: now / 1000, key })}\n`).join('');
    if (await this.#isFull(now)) await rename(this.#path, this.#oldPath);
    await using file = await open(this.#path, FLAGS, 0o600);
    await writeAll(file, Buffer.from(lines));
  }

  /** Whether it is time to begin a new file. */
  async #isFull(now: number): Promise<boolean> {
    await using file = await open(this.#path, FLAGS, 0o600);
    const { size } = await file.stat();
    return size > MAX_BYTES || (size > 0 && now - (await firstTime(file)) > RETENTION);
  }
}

/** The time of the first delete in the file, in ms since 1970; 0 if it cannot be read. */
async function firstTime(file: FileHandle): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(40), 0, 40, 0);
  return Number(/^\{"deleted_at":([\d.]+),/.exec(buffer.toString('latin1'))?.[1] ?? 0) * 1000;
}
