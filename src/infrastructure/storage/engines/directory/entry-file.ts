import { randomBytes } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../../../domain/entry.js';
import { jsonMistake } from '../../../../domain/json/mistake.js';
import { placeOfByte, placeText } from '../../../../domain/json/place.js';
import { replaceFrom, syncFolder } from '../../../files/durable-file.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { FILE_EXTENSION, fileNameOf } from './file-name.js';

/** The new state of one key; undefined if it is removed. */
export interface FileChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/** How far the time of change may be from the version that it was set from, in microseconds: what rounding does. */
const TOLERANCE = 4;
/** Files that are written at once. */
const CONCURRENT_WRITES = 16;

/** Whether a file in the folder is one of an entry. */
export function isEntryFile(name: string): boolean {
  return name.endsWith(FILE_EXTENSION) && !name.startsWith('.');
}

/** Differs after a file was changed. */
export function stampOf({ mtimeNs, ctimeNs, ino, size }: BigIntStats): string {
  return `${mtimeNs} ${ctimeNs} ${ino} ${size}`;
}

/**
 * The entry in a file of that name, and the stamp of the file. Throws `MalformedDataError`, or the error of the system.
 */
export function readEntryFile(folder: string, name: string): { entry: Entry; stamp: string } {
  const file = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile()) throw new MalformedDataError('is no file', 0);
    const entry = parseEntry(contentOf(file, Number(stat.size)), stat.mtimeNs);
    const right = fileNameOf(entry.key);
    if (right !== name) throw new MalformedDataError(`holds a key whose file has to be ${right}`, 0);
    return { entry, stamp: stampOf(stat) };
  } finally {
    closeSync(file);
  }
}

/** Replaces and removes files of entries, durably. `own` is a folder on the same disk for unfinished files. */
export async function writeEntryFiles(folder: string, own: string, changes: readonly FileChange[]): Promise<void> {
  for (let i = 0; i < changes.length; i += CONCURRENT_WRITES) {
    // If one fails, the others must have ended before that is reported: they would replace what is written next.
    const group = changes.slice(i, i + CONCURRENT_WRITES).map((change) => writeEntryFile(folder, own, change));
    for (const ended of await Promise.allSettled(group)) if (ended.status === 'rejected') throw ended.reason;
  }
  await syncFolder(folder);
}

async function writeEntryFile(folder: string, own: string, { key, entry }: FileChange): Promise<void> {
  const path = join(folder, fileNameOf(key));
  if (entry === undefined) return rm(path, { force: true });
  await replaceFrom(join(own, `${randomBytes(8).toString('hex')}.tmp`), path, async (file) => {
    // A store file of the engine json-file with this one entry.
    await writeAll(file, Buffer.from(`{\n${itemText(entry, false)}\n}\n`));
    // Its version, in seconds, so that a change by any other program shows.
    const changedAt = entry.version / 1_000_000;
    await file.utimes(changedAt, changedAt);
  });
}

/**
 * The entry in a file, last changed at `changedAt` (ns). If another program wrote it, its version is the time of
 * change, which is the same for all that read it. Throws `MalformedDataError`.
 */
function parseEntry(bytes: Buffer, changedAt: bigint): Entry {
  const found: Entry[] = [];
  const time = Math.max(1, Number(changedAt / 1000n));
  const scanner = new StoreScanner(
    (_, entry) => entry !== undefined && found.push(entry),
    false,
    Math.floor(time / 1000),
  );
  scanWhole(scanner, bytes);
  const [entry] = found;
  if (entry === undefined || found.length > 1)
    throw new MalformedDataError(`holds ${found.length} entries instead of one`, 0);
  if (Math.abs(time - entry.version) <= TOLERANCE) return entry;
  return { ...entry, version: time, updatedAt: Math.floor(time / 1000) };
}

/** Names the place in a mistake: people edit these files. */
function scanWhole(scanner: StoreScanner, bytes: Buffer): void {
  let [why, at] = ['is cut off or no JSON', 0];
  try {
    at = scanner.scan(bytes);
    if (at === bytes.length && scanner.ended) return;
    const mistake = jsonMistake(bytes, Number.POSITIVE_INFINITY, true);
    if (mistake !== undefined) [why, at] = [`${why} (${mistake.why})`, mistake.at];
  } catch (error) {
    if (!(error instanceof MalformedDataError)) throw error;
    [why, at] = [error.why, error.at];
  }
  throw new MalformedDataError(`${why}, at ${placeText(placeOfByte(bytes, at))}`, at);
}

/** A file that is cut off meanwhile has fewer bytes; one that grows is read again when its new stamp is seen. */
function contentOf(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  for (let read = 1; length < size && read > 0; length += read)
    read = readSync(file, bytes, length, size - length, null);
  return bytes.subarray(0, length);
}
