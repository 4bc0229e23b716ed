import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../application/ports/logger.js';
import { canSyncFolder } from './durable-file.js';

/** What the file system of a folder can do; found out by trying. That it keeps locks shows when one is taken. */
export interface FileSystem {
  /** The longest name of a file, in bytes; not more than `MAX_NAME_BYTES`. */
  readonly maxNameBytes: number;
  /** Whether names that differ in case only are one name. */
  readonly ignoresCase: boolean;
  /** Whether names that differ in the Unicode form of a letter only are one name. */
  readonly ignoresForm: boolean;
  /** Whether names can be made durable by syncing their folder. */
  readonly syncsFolders: boolean;
  /** The smallest difference between times of change that is kept, in microseconds. */
  readonly timeResolution: number;
  /** Whether a copy of a file can share its blocks. */
  readonly clones: boolean;
}

/** Longer names are not needed. */
export const MAX_NAME_BYTES = 255;

/** What is taken for granted if it cannot be tried, as in a folder that is only read, or on a full disk. */
export const ORDINARY_FILE_SYSTEM: FileSystem = {
  maxNameBytes: MAX_NAME_BYTES,
  ignoresCase: false,
  ignoresForm: false,
  syncsFolders: true,
  timeResolution: 1,
  clones: false,
};

/** 2001-09-09T01:46:41 and a little: the second is odd, and no unit down to a microsecond divides it. */
const ODD_TIME = 1_000_000_001.234567;
const RESOLUTIONS = [1, 1_000, 10_000, 1_000_000, 2_000_000];

/**
 * Tries what the file system of a folder can do, in a new folder of that name inside, which no other process may use
 * meanwhile. What a crash left of it is removed. If nothing can be made there, looks only.
 */
export async function probeFileSystem(folder: string, name: string): Promise<FileSystem> {
  const probe = join(folder, name);
  try {
    await rm(probe, { recursive: true, force: true });
    await mkdir(probe, { mode: 0o700 });
    const file = join(probe, 'Probe');
    await makeFile(file);
    return {
      maxNameBytes: await longestName((bytes) => makeFile(join(probe, 'n'.repeat(bytes)))),
      ignoresCase: await exists(join(probe, 'pROBE')),
      ignoresForm: await ignoresForm(probe),
      syncsFolders: await canSyncFolder(probe),
      timeResolution: await timeResolution(file),
      clones: await succeeds(copyFile(file, join(probe, 'clone'), constants.COPYFILE_FICLONE_FORCE)),
    };
  } catch {
    return inspectFileSystem(folder);
  } finally {
    await rm(probe, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Probes a data folder that is this process's own, and logs what is missing. */
export async function probeDataFolder(folder: string, log: Logger): Promise<FileSystem> {
  const found = await probeFileSystem(folder, 'probe.portkv');
  reportFileSystem(folder, found, log);
  return found;
}

/** The same without writing: only the longest name is found out. */
export async function inspectFileSystem(folder: string): Promise<FileSystem> {
  return {
    ...ORDINARY_FILE_SYSTEM,
    maxNameBytes: await longestName((bytes) => lstat(join(folder, 'n'.repeat(bytes)))),
  };
}

/** The longest name with which the attempt does not fail for its length. */
async function longestName(attempt: (bytes: number) => Promise<unknown>): Promise<number> {
  const isTooLong = async (bytes: number) => {
    try {
      await attempt(bytes);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENAMETOOLONG';
    }
  };
  if (!(await isTooLong(MAX_NAME_BYTES))) return MAX_NAME_BYTES;
  let [fits, tooLong] = [1, MAX_NAME_BYTES];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (await isTooLong(middle)) tooLong = middle;
    else fits = middle;
  }
  return fits;
}

async function ignoresForm(folder: string): Promise<boolean> {
  return (await succeeds(makeFile(join(folder, 'f\u00e9')))) && (await exists(join(folder, 'fe\u0301')));
}

async function timeResolution(file: string): Promise<number> {
  if (!(await succeeds(utimes(file, ODD_TIME, ODD_TIME)))) return 2_000_000;
  const lost = Math.abs(Math.round(ODD_TIME * 1e6) - Number((await lstat(file, { bigint: true })).mtimeNs) / 1000);
  return RESOLUTIONS.find((unit) => lost <= unit) ?? 2_000_000;
}

async function makeFile(path: string): Promise<void> {
  await using _ = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

function exists(path: string): Promise<boolean> {
  return succeeds(lstat(path));
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}

/** What is missing, a part of a sentence each, for the log. */
export function missingAbilities(found: FileSystem): string[] {
  const { maxNameBytes, ignoresCase, ignoresForm, syncsFolders, timeResolution } = found;
  const missing: string[] = [];
  if (!syncsFolders)
    missing.push('cannot sync folders, so that a power cut may undo that a file was made, renamed or removed');
  if (timeResolution > 1) missing.push(`keeps times of change to ${timeResolution / 1_000_000} s only`);
  if (maxNameBytes < MAX_NAME_BYTES) missing.push(`holds names of at most ${maxNameBytes} bytes`);
  if (ignoresCase) missing.push('ignores the case of names');
  if (ignoresForm) missing.push('ignores the Unicode form of names');
  return missing;
}

/** Logs once what is missing: as a warning if that weakens what is promised. */
export function reportFileSystem(folder: string, found: FileSystem, log: Logger): void {
  const missing = missingAbilities(found);
  const message = `The file system of ${folder} ${missing.join('; it ')}; see docs/storage.md`;
  log.debug?.({ folder, ...found }, 'what the file system can do');
  if (missing.length > 0) log[found.syncsFolders ? 'info' : 'warn']({ folder }, message);
}
