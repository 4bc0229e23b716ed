import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { jsonMistake } from '../../../../domain/json/mistake.js';
import { placeOfByte, placeText } from '../../../../domain/json/place.js';
import { formatVersion } from '../../../../domain/version.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { checkedItem, isAsWritten } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { FILE_EXTENSION, fileNamesOf } from './file-name.js';

/** The new state of one key; undefined if it is removed. */
export interface FileChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/** Whether a value is as it was encrypted for the entry, its version included. */
export type Authenticate = (entry: Entry) => boolean;

/** How far the time of change may be from the version that it was set from, in microseconds: what rounding does. */
const TOLERANCE = 4;
const SECOND = 1_000_000;
/** A file with times of whole seconds may change again, in this time in ms, without a new time. */
const MAX_UNSEEN = 3000;
/** What the system says if a file system keeps no times that are set. Nothing depends on them. */
const NO_TIMES: ReadonlySet<unknown> = new Set(['EPERM', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Whether a file in the folder is one of an entry. */
export function isEntryFile(name: string): boolean {
  return name.endsWith(FILE_EXTENSION) && !name.startsWith('.');
}

/**
 * Differs after a file was changed, and from every other one while a change may have left the times as they were: on a
 * file system that keeps only seconds, for that long after the last change.
 */
export function stampOf({ mtimeNs, ctimeNs, ctimeMs, ino, size }: BigIntStats): string {
  const isFinal = ctimeNs % 1_000_000_000n !== 0n || Math.abs(Date.now() - Number(ctimeMs)) > MAX_UNSEEN;
  return `${mtimeNs} ${ctimeNs} ${ino} ${size}${isFinal ? '' : ` ${process.hrtime.bigint()}`}`;
}

/**
 * The entry in a file of that name, and the stamp of the file. Throws `MalformedDataError`, or the error of the system.
 */
export function readEntryFile(
  folder: string,
  name: string,
  authenticate?: Authenticate,
): { entry: Entry; stamp: string } {
  const file = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile()) throw new MalformedDataError('is no file', 0);
    const entry = parseEntry(contentOf(file, Number(stat.size)), stat.mtimeNs, authenticate);
    const right = fileNamesOf(entry.key);
    if (!right.includes(name)) throw new MalformedDataError(`holds a key whose file has to be ${right[0]}`, 0);
    return { entry, stamp: stampOf(stat) };
  } finally {
    closeSync(file);
  }
}

/** Writes the content of an entry's file, with the time of change that it has to have. */
export async function writeEntry(file: FileHandle, entry: Entry): Promise<void> {
  // A store file of the engine json-file with this one entry.
  await writeAll(file, Buffer.concat([Buffer.from('{\n'), checkedItem(entry), Buffer.from('\n}\n')]));
  // Its version, in seconds: what other programs sort by, and the version of a file without a checksum.
  const changedAt = entry.version / SECOND;
  await file.utimes(changedAt, changedAt).catch((error: NodeJS.ErrnoException) => {
    if (!NO_TIMES.has(error.code)) throw error;
  });
}

/**
 * The entry in a file, last changed at `changedAt` (ns). Its version is the one in the file if PortKV wrote all of it,
 * which the checksum, the time of change or the encrypted value shows: copies and archives lose times. If another
 * program wrote it, the version is the time of change, which is the same for all that read it. Throws
 * `MalformedDataError`.
 */
function parseEntry(bytes: Buffer, changedAt: bigint, authenticate?: Authenticate): Entry {
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
  const { checksum } = scanner;
  const isTimely = Math.abs(time - entry.version) <= TOLERANCE;
  if (checksum === undefined ? isTimely : isAsWritten(entry, checksum)) return entry;
  if (authenticate?.(entry)) return entry;
  if (authenticate !== undefined) throw new MalformedDataError(unauthentic(entry, time, isTimely), 0);
  // Changes within a second that have the same time of change differ in their content.
  const version = time % SECOND === 0 ? time + (crc32(bytes) % SECOND) : time;
  return { ...entry, version, updatedAt: Math.floor(time / 1000) };
}

function unauthentic({ version }: Entry, time: number, isTimely: boolean): string {
  const problem = 'holds a value that does not authenticate; it was changed or damaged';
  if (isTimely) return problem;
  const [changed, written] = [time, version].map((it) => new Date(it / 1000).toISOString());
  return `${problem}, also with the version ${formatVersion(version)} in it (${written}): the file is from ${changed}`;
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
