import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { replaceFile, syncFolder } from '../../../files/durable-file.js';
import { diskError, unreadablePlacement } from '../../../files/storage-errors.js';
import { checkSettings, invalidSettings } from '../../../validation/check-settings.js';
import { withoutRevert } from '../generations.js';
import { Placement } from '../placement.js';
import {
  addTo,
  firstLines,
  formatLine,
  IN_PLACE,
  IN_PLACE_BYTES,
  type InPlace,
  linesIn,
  nextLine,
  parseLines,
  positionOf,
} from './in-place-lines.js';

const SUFFIX = '.placement.json';

/**
 * Undefined only if the file is missing; one that cannot be read or understood rejects with `unavailable`, naming it.
 */
export async function readPlacement(folder: string, project: string): Promise<Placement | undefined> {
  return (await readWithChecksum(folder, project))?.placement;
}

/** The same, with the checksum of what `writeInPlace` does not change. */
export async function readWithChecksum(
  folder: string,
  project: string,
): Promise<{ readonly placement: Placement; readonly checksum: number } | undefined> {
  const path = placementPath(folder, project);
  const bytes = await contentOf(path);
  if (bytes === undefined) return undefined;
  return { placement: parse(bytes.toString(), path), checksum: checksumOf(bytes) };
}

/** Undefined if the file is missing. */
async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await file.readFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, `cannot read ${path}`);
  }
}

/** The name of the file. */
export function placementName(project: string): string {
  return project + SUFFIX;
}

/**
 * Replaces the file; durable once it resolves, with the checksum of what `writeInPlace` does not change. Rejects with
 * `unavailable` or `insufficient_storage`.
 */
export async function writePlacement(folder: string, project: string, placement: Placement): Promise<number> {
  const path = placementPath(folder, project);
  const text = `${JSON.stringify({ [IN_PLACE]: firstLines(placement.version_floor), ...placement }, null, 2)}\n`;
  try {
    await replaceFile(path, (file) => file.writeFile(text));
    return checksumOf(Buffer.from(text));
  } catch (error) {
    throw diskError(error, `cannot write ${path}`);
  }
}

/**
 * Writes this into the file, durably, without another byte of the disk. Resolves with false if the rest of the file is
 * not what it was, or it cannot be written: then it has to be replaced.
 */
export async function writeInPlace(folder: string, project: string, checksum: number, next: InPlace): Promise<boolean> {
  try {
    const flags = constants.O_RDWR | constants.O_NOFOLLOW;
    await using file = await open(placementPath(folder, project), flags);
    const bytes = await file.readFile();
    const lines = linesIn(bytes);
    if (lines === undefined || checksumOf(bytes) !== checksum) return false;
    await writeAllAt(file, Buffer.from(formatLine(addTo(lines, next))), positionOf(nextLine(lines)));
    await file.datasync();
    return true;
  } catch {
    return false;
  }
}

/** The path of a project's placement. */
export function placementPath(folder: string, project: string): string {
  return join(folder, project + SUFFIX);
}

/** Forgets a project whose data is gone. */
export async function removePlacement(folder: string, project: string): Promise<void> {
  const path = placementPath(folder, project);
  try {
    await rm(path, { force: true });
    await syncFolder(folder);
  } catch (error) {
    throw diskError(error, `cannot remove ${path}`);
  }
}

/** The projects that have a placement, deleted ones too. */
export async function placedProjects(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw diskError(error, `cannot read ${folder}`);
  });
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
}

/** The projects whose placement says that they are being deleted. One that cannot be read says nothing. */
export async function deletedProjects(folder: string): Promise<string[]> {
  const deleted: string[] = [];
  for (const project of await placedProjects(folder)) {
    if (await isMarkedDeleted(placementPath(folder, project))) deleted.push(project);
  }
  return deleted;
}

/** Without all the checks, which would double the time of a start. */
async function isMarkedDeleted(path: string): Promise<boolean> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return JSON.parse(await file.readFile('utf8')).deleted === true;
  } catch {
    return false;
  }
}

function checksumOf(file: Buffer): number {
  return crc32(file.subarray(IN_PLACE_BYTES));
}

async function writeAllAt(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

function parse(text: string, path: string): Placement {
  let plain: unknown;
  let inPlace: InPlace | undefined;
  try {
    plain = JSON.parse(text);
    const lines = (plain as Record<string, unknown> | null)?.[IN_PLACE];
    if (Array.isArray(lines)) inPlace = parseLines(lines);
  } catch (error) {
    throw unreadablePlacement(path, (error as Error).message, error);
  }
  const { value, problems } = checkSettings(Placement, plain);
  if (problems.length > 0) throw unreadablePlacement(path, invalidSettings('wrong content', problems).message);
  return inPlace === undefined ? value : withInPlace(value, inPlace);
}

function withInPlace(placement: Placement, { versionFloor, isWritten }: InPlace): Placement {
  const { kept, version_floor } = placement;
  placement.version_floor = Math.max(version_floor, versionFloor);
  if (isWritten && kept !== undefined) placement.kept = withoutRevert(kept);
  return placement;
}
