import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsBoolean, IsInt, IsObject, IsString, Matches, Max, Min, MinLength } from 'class-validator';
import { replaceFile, syncFolder } from '../../files/durable-file.js';
import { diskError, unreadablePlacement } from '../../files/storage-errors.js';
import { EncryptionSettings } from '../../security/encryption-settings.js';
import { checkSettings, invalidSettings } from '../../validation/check-settings.js';
import { ListOf, RequiredSectionOf, SectionOf } from '../../validation/setting-rules.js';
import { MigrationRecord } from './migration-record.js';

const SUFFIX = '.placement.json';

/** A value sealed with a key: one that does not open it is another key. */
export class KeyCheckValue {
  @MinLength(1)
  @IsString()
  id!: string;

  @MinLength(1)
  @IsString()
  check!: string;
}

/** The engine, the options and the encryption that the configuration asked for when a placement was made. */
export class StorageSpec {
  @MinLength(1)
  @IsString()
  engine!: string;

  @IsObject()
  options!: Record<string, unknown>;

  @SectionOf(EncryptionSettings)
  encryption?: EncryptionSettings;
}

/** Files with what is needed to open them. */
class Generation extends StorageSpec {
  /** The keys that its values are sealed with, if it is encrypted. */
  @ListOf(KeyCheckValue)
  keys?: KeyCheckValue[];
}

/** A generation of files beside the present one. */
export class GenerationSpec extends Generation {
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(1)
  @IsInt()
  generation!: number;
}

/** What was moved away from: kept for a while, then removed. */
export class KeptGeneration extends GenerationSpec {
  /** When its files go, in ms since 1970. */
  @Min(0)
  @IsInt()
  until!: number;

  /** Whether nothing was written since, so that one can go back to it. */
  @IsBoolean()
  current!: boolean;
}

/** A damaged file of the data folder, or a folder there, and the name that it gets. */
export class DamagedFile {
  @Matches(/^[^/\0]+$/)
  @IsString()
  file!: string;

  @Matches(/^[^/\0]+$/)
  @IsString()
  kept!: string;
}

/**
 * Where a project's data is, as it stands in `DATA/<project>.placement.json`. This file, not the configuration, says
 * so; replacing it is the switch to another engine or to new content.
 */
export class Placement extends Generation {
  /** Counts from 1; each has its own files, see `dataName`. */
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(1)
  @IsInt()
  generation!: number;

  /** A configuration that differs was edited by hand: the data has to move. */
  @RequiredSectionOf(StorageSpec)
  configured!: StorageSpec;

  /** All versions issued so far are below it; microseconds since 1970. */
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(0)
  @IsInt()
  version_floor!: number;

  /** The project is being deleted; its files are to go. */
  @IsBoolean()
  deleted!: boolean;

  /** Being made; after a crash its files are to go. */
  @SectionOf(GenerationSpec)
  preparing?: GenerationSpec;

  @ListOf(KeptGeneration)
  kept?: KeptGeneration[];

  /** Files of data that was damaged and is replaced, which have yet to be put aside. */
  @ListOf(DamagedFile)
  damaged?: DamagedFile[];

  /** The last moves, earliest first. */
  @ListOf(MigrationRecord)
  migrations?: MigrationRecord[];
}

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
