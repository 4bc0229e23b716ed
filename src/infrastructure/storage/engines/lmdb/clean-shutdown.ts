import { constants } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../../files/durable-file.js';
import { dataFile } from './environment/environment.js';
import type { Metadata } from './environment/metadata.js';

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** What a store holds. */
export interface StoredState extends Metadata {
  /** The earliest expiry (ms since 1970), infinite if no entry expires. */
  readonly nextExpiry: number;
}

/** What a store records of how it was closed. */
export interface Shutdown {
  /** Whether it is recorded that the data file was closed as it is now. If so, `clear` is called before a write. */
  readonly recorded: boolean;
  clear(): Promise<void>;
  /** Called after everything is written and closed, and never after a failed write. */
  closed(state: StoredState): Promise<void>;
}

/** The record of one store while that is open. */
export class CleanShutdown implements Shutdown {
  readonly #folder: string;
  #recorded: boolean;

  /** `recorded`: whether the record says what the data file is now. */
  constructor(folder: string, recorded: boolean) {
    this.#folder = folder;
    this.#recorded = recorded;
  }

  get recorded(): boolean {
    return this.#recorded;
  }

  async clear(): Promise<void> {
    await clearMark(this.#folder);
    this.#recorded = false;
  }

  async closed(state: StoredState): Promise<void> {
    if (!this.#recorded) await recordClose(this.#folder, state);
    this.#recorded = true;
  }
}

/** Records that the data file was closed as it is now, and what it holds if that is known. Called after closing it. */
export async function recordClose(folder: string, state?: StoredState): Promise<void> {
  const mark = await open(markFile(folder), WRITE, 0o600);
  try {
    await mark.writeFile((await fingerprint(folder)) + (state === undefined ? '' : formatState(state)));
  } finally {
    await mark.close();
  }
}

/** How the data file was closed: whether in good order, and whether it is known to be the same since. */
export interface LastClose {
  readonly closed: boolean;
  readonly unchanged: boolean;
  /** What it holds, if it is unchanged. */
  readonly state?: StoredState | undefined;
}

/** What the record says of the data file. */
export async function readLastClose(folder: string): Promise<LastClose> {
  const mark = await readFile(markFile(folder), 'utf8').catch(() => undefined);
  if (mark === undefined) return { closed: false, unchanged: false };
  const print = await fingerprint(folder).catch(() => undefined);
  if (print === undefined || !mark.startsWith(print)) return { closed: true, unchanged: false };
  return { closed: true, unchanged: true, state: parseState(mark.slice(print.length)) };
}

/** Removes the record, durably, before the file changes: a power cut may keep a change and lose its time stamp. */
export async function clearMark(folder: string): Promise<void> {
  await rm(markFile(folder), { force: true });
  await syncFolder(folder);
}

function markFile(folder: string): string {
  return join(folder, 'closed');
}

async function fingerprint(folder: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(dataFile(folder), { bigint: true });
  return `inode ${ino}, ${size} bytes, changed ${mtimeNs}\n`;
}

function formatState({ keys, bytes, hasMeta, nextExpiry }: StoredState): string {
  return `${keys} entries${hasMeta ? ' with metadata' : ''}, ${bytes} bytes, next expiry ${nextExpiry}\n`;
}

const STATE = /^(\d+) entries( with metadata)?, (\d+) bytes, next expiry (\d+|Infinity)\n$/;

/** Undefined if the record was made by a version that did not note it. */
function parseState(line: string): StoredState | undefined {
  const [, keys, meta, bytes, nextExpiry] = STATE.exec(line) ?? [];
  if (keys === undefined) return undefined;
  return { keys: Number(keys), bytes: Number(bytes), hasMeta: meta !== undefined, nextExpiry: Number(nextExpiry) };
}
