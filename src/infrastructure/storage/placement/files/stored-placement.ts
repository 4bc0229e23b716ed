import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncFolder } from '../../../files/durable-file.js';
import { diskError, unreadablePlacement } from '../../../files/storage-errors.js';
import { checkSettings, invalidSettings } from '../../../validation/check-settings.js';
import { Placement } from '../placement.js';

const SUFFIX = '.placement.json';

/**
 * Undefined only if the file is missing; one that cannot be read or understood rejects with `unavailable`, naming it.
 */
export async function readPlacement(folder: string, project: string): Promise<Placement | undefined> {
  const path = placementPath(folder, project);
  let text: string;
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    text = await file.readFile('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, `cannot read ${path}`);
  }
  return parse(text, path);
}

/** The name of the file. */
export function placementName(project: string): string {
  return project + SUFFIX;
}

/** Replaces the file; durable once it resolves. Rejects with `unavailable` or `insufficient_storage`. */
export async function writePlacement(folder: string, project: string, placement: Placement): Promise<void> {
  const path = placementPath(folder, project);
  try {
    await replaceFile(path, (file) => file.writeFile(`${JSON.stringify(placement, null, 2)}\n`));
  } catch (error) {
    throw diskError(error, `cannot write ${path}`);
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

function parse(text: string, path: string): Placement {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (error) {
    throw unreadablePlacement(path, (error as Error).message, error);
  }
  const { value, problems } = checkSettings(Placement, plain);
  if (problems.length > 0) throw unreadablePlacement(path, invalidSettings('wrong content', problems).message);
  return value;
}
