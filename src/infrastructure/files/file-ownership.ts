import { constants, existsSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { groupsOf, type Owner } from './owner.js';

const READ = 4;
const WRITE = 2;
const ENTER = 1;

/** The open files of this process as folders: what is opened below one is in that folder, wherever its name leads. */
const DESCRIPTORS = '/proc/self/fd';

/** A user to whom data belongs, and the groups of that user. */
export interface Service extends Owner {
  readonly groups: ReadonlySet<number>;
}

export function serviceOf(owner: Owner): Service {
  return { ...owner, groups: groupsOf(owner) };
}

/** A file or folder that the service cannot use. */
export interface UnusableFile {
  readonly path: string;
  /** Whether the service can use it now. */
  readonly mended: boolean;
  /** Whether the file has other names, perhaps in other folders. It is not mended then. */
  readonly linked: boolean;
}

/**
 * Calls `found` with everything in and below the folder that the service cannot read and write. With `mend` gives it to
 * the service, with the rights that an owner needs. Links are not followed, also not those that another program puts
 * there meanwhile, and a file with several names is left alone: its other name may be anywhere.
 */
export async function findUnusable(
  folder: string,
  service: Service,
  mend: boolean,
  found: (file: UnusableFile) => void,
): Promise<void> {
  const stats = await lstat(folder).catch(() => undefined);
  // The data folder itself may be a link that the operator made.
  if (stats === undefined) return;
  await visit({ at: folder, path: folder, follow: true }, service, mend, found);
}

/** Like `findUnusable` for one file, which only needs to be read. Returns undefined if the service can. */
export async function checkReadable(path: string, service: Service, mend: boolean): Promise<UnusableFile | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile() || may(service, stats, READ)) return undefined;
  return { path, mended: mend && (await give(path, stats, service)), linked: stats.nlink > 1 };
}

/** The nearest folder above a path that the service cannot enter; undefined if it can enter all. */
export async function closedFolderAbove(path: string, service: Service): Promise<string | undefined> {
  for (let folder = dirname(path), last = path; folder !== last; last = folder, folder = dirname(folder)) {
    const stats = await lstat(folder).catch(() => undefined);
    if (stats?.isDirectory() && !may(service, stats, ENTER)) return folder;
  }
  return undefined;
}

/** Where something is opened, and what it is called in reports. */
interface Place {
  readonly at: string;
  readonly path: string;
  readonly follow?: boolean;
}

async function visit(
  { at, path, follow = false }: Place,
  service: Service,
  mend: boolean,
  found: (file: UnusableFile) => void,
): Promise<void> {
  const linked = await lstat(at).catch(() => undefined);
  if (linked === undefined || (!follow && !linked.isFile() && !linked.isDirectory())) return;
  if (linked.isFile()) {
    if (may(service, linked, READ | WRITE)) return;
    return found({ path, mended: mend && (await give(at, linked, service)), linked: linked.nlink > 1 });
  }
  const folder = await openFolder(at, follow);
  if (folder === undefined) return found({ path, mended: false, linked: false });
  try {
    const stats = await folder.stat();
    if (!may(service, stats, READ | WRITE | ENTER)) {
      found({ path, mended: mend && (await giveOpen(folder, stats, service)), linked: false });
    }
    const inside = existsSync(DESCRIPTORS) ? `${DESCRIPTORS}/${folder.fd}` : path;
    for (const name of await readdir(inside)) {
      await visit({ at: join(inside, name), path: join(path, name) }, service, mend, found);
    }
  } finally {
    await folder.close();
  }
}

/** Whether the service has those rights by its id or one of its groups. */
function may({ uid, groups }: Service, stats: Pick<Stats, 'uid' | 'gid' | 'mode'>, rights: number): boolean {
  if (uid === 0) return true;
  const shift = stats.uid === uid ? 6 : groups.has(stats.gid) ? 3 : 0;
  return ((stats.mode >> shift) & rights) === rights;
}

async function openFolder(at: string, follow: boolean): Promise<FileHandle | undefined> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | (follow ? 0 : constants.O_NOFOLLOW);
  return open(at, flags).catch(() => undefined);
}

/** Opens without following a link, and changes what was opened and looked at, nothing else. */
async function give(at: string, seen: Stats, service: Service): Promise<boolean> {
  if (!existsSync(DESCRIPTORS) || seen.nlink > 1) return false;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(at, flags).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const stats = await file.stat();
    const same = stats.ino === seen.ino && stats.dev === seen.dev && stats.isFile() && stats.nlink === 1;
    return same && (await giveOpen(file, stats, service));
  } finally {
    await file.close();
  }
}

async function giveOpen(file: FileHandle, stats: Stats, { uid, gid }: Service): Promise<boolean> {
  try {
    if (stats.uid !== uid) await file.chown(uid, gid);
    await file.chmod((stats.mode & 0o777) | (stats.isDirectory() ? 0o700 : 0o600));
    return true;
  } catch {
    return false;
  }
}
