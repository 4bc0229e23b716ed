import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsBoolean, IsString, MinLength } from 'class-validator';
import { replaceFile, syncFolder } from '../files/durable-file.js';
import { diskError } from '../files/storage-errors.js';
import { checkSettings } from '../validation/check-settings.js';
import { Optional } from '../validation/setting-rules.js';

const FILE = 'installation.portkv.json';

/** Names that only data has: placements, stores without one such as Simple-PyKV's, and snapshots. */
const DATA = /(\.placement\.json|_store\.json|\.lmdb|^snapshots\.portkv)$/;

/** Which configuration a data folder belongs to. */
export class Installation {
  /** The same as `system.installation_id` in the configuration. */
  @MinLength(1)
  @IsString()
  installation_id!: string;

  /** The path of the configuration that used the folder last. */
  @IsString()
  config!: string;

  /** The id may not be in the configuration yet. */
  @Optional()
  @IsBoolean()
  pending?: boolean;
}

/** Undefined if the folder has no record. Rejects with `unavailable` if that cannot be read or understood. */
export async function readInstallation(folder: string): Promise<Installation | undefined> {
  const path = join(folder, FILE);
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { value, problems } = checkSettings(Installation, JSON.parse(await file.readFile('utf8')));
    if (problems[0] !== undefined) throw new Error(`${problems[0].path} ${problems[0].message}`);
    return value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, `cannot read ${path}, which --adopt writes again`);
  }
}

/** Replaces the record; undefined removes it. Rejects with `unavailable` or `insufficient_storage`. */
export async function writeInstallation(folder: string, installation: Installation | undefined): Promise<void> {
  const path = join(folder, FILE);
  try {
    if (installation !== undefined) {
      return await replaceFile(path, (file) => file.writeFile(`${JSON.stringify(installation, null, 2)}\n`));
    }
    await rm(path, { force: true });
    await syncFolder(folder);
  } catch (error) {
    throw diskError(error, `cannot write ${path}`);
  }
}

/** Whether any project has data in the folder; false if the folder is missing. */
export async function hasData(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).some((name) => DATA.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw diskError(error, `cannot look into ${folder}`);
  }
}
