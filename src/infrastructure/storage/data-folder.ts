import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { syncFolder } from '../files/durable-file.js';
import { tryFileLock } from '../files/file-lock.js';
import { ownerOf, userName } from '../files/owner.js';
import { diskError } from '../files/storage-errors.js';

const LOCK_FILE = 'portkv.lock';

/** A data folder that is this process's own until it is released or the process ends, in whatever way. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Writes into the lock file where this process listens, for commands on this machine. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Makes the folder if it is missing (mode 0700) and takes its lock, which the kernel keeps. Rejects with `unavailable`;
 * if another process holds the folder, the message and `details` say which (`pid`) and since when (`started`); in
 * `details` is also the `address` at which it serves, if it does.
 */
export async function lockDataFolder(path: string): Promise<DataFolder> {
  const lockPath = join(path, LOCK_FILE);
  const owner = { pid: process.pid, started: new Date().toISOString() };
  let file: FileHandle | undefined;
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(dirname(made));
    file = await open(lockPath, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    if (!tryFileLock(file.fd, lockPath)) throw await heldBy(file, path);
    await writeOwner(file, owner);
  } catch (error) {
    await file?.close();
    throw await withOwner(diskError(error, `cannot lock the data folder ${path} by ${lockPath}`), lockPath);
  }
  const held = file;
  return {
    path,
    announce: async (address) => {
      try {
        await writeOwner(held, { ...owner, address });
      } catch (error) {
        throw diskError(error, `cannot write ${lockPath}`);
      }
    },
    release: () => held.close(),
  };
}

/**
 * The folder for one of several processes that read it while none writes: not a byte is written. Rejects with
 * `unavailable` if another process holds the folder. Without a lock file the folder is a copy: in the original that
 * file always stays.
 */
export async function shareDataFolder(path: string): Promise<DataFolder> {
  const lockPath = join(path, LOCK_FILE);
  let file: FileHandle | undefined;
  try {
    file = await open(lockPath, constants.O_RDONLY | constants.O_NOFOLLOW);
    if (!tryFileLock(file.fd, lockPath, { shared: true })) throw await heldBy(file, path);
  } catch (error) {
    await file?.close();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw await withOwner(diskError(error, `cannot share the data folder ${path} by ${lockPath}`), lockPath);
    }
    return { path, announce: async () => undefined, release: async () => undefined };
  }
  const held = file;
  return { path, announce: async () => undefined, release: () => held.close() };
}

/**
 * Where the process that uses the folder serves the REST API; undefined if none does. It takes no lock, which a server
 * that starts could trip over.
 */
export async function runningAddress(path: string): Promise<string | undefined> {
  try {
    return ownerFrom(await readFile(join(path, LOCK_FILE), 'utf8')).address;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, `cannot read ${join(path, LOCK_FILE)}`);
  }
}

/** Names the user to whom a file of the folder belongs, if this process has no access and that is another one. */
export async function withOwner(error: AppError, path: string): Promise<AppError> {
  if (!['EACCES', 'EPERM'].includes((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '')) return error;
  const { uid } = await ownerOf(path);
  if (uid === process.geteuid?.()) return error;
  const name = userName(uid);
  const message = `${error.message}. It belongs to ${name}: run sudo -u ${name} portkv …`;
  return new AppError(error.code, message, { cause: error.cause });
}

async function heldBy(file: FileHandle, path: string): Promise<AppError> {
  if (tryFileLock(file.fd, path, { shared: true })) {
    return new AppError(
      'unavailable',
      `The data folder ${path} is being read by another process; wait until it has ended`,
    );
  }
  const owner = ownerFrom(await file.readFile('utf8'));
  const { pid, started } = owner;
  const who = pid === undefined ? 'another process' : `process ${pid}, started at ${started}`;
  const message = `The data folder ${path} is in use by ${who}; stop it or choose another data folder`;
  return new AppError('unavailable', message, { details: { ...owner, pid: pid ?? null } });
}

/** The process that holds the lock. */
interface LockOwner {
  readonly pid: number;
  readonly started: string;
  /** Where it serves the REST API, once it does. */
  readonly address?: string;
}

/** Commands may read at any moment, so the text is never shorter than it was before it is whole. */
async function writeOwner(file: FileHandle, owner: LockOwner): Promise<void> {
  const { bytesWritten } = await file.write(`${JSON.stringify(owner)}\n`, 0);
  await file.truncate(bytesWritten);
}

/** The owner may be just about to write its name, and what is there may be of one that was killed, or of any kind. */
function ownerFrom(text: string): Partial<LockOwner> {
  try {
    const { pid, started, address } = JSON.parse(text) as Record<keyof LockOwner, unknown>;
    if (typeof pid !== 'number' || !(pid > 0) || typeof started !== 'string') return {};
    const owner = { pid, started };
    return typeof address === 'string' && isRunning(owner.pid) ? { ...owner, address } : owner;
  } catch {
    return {};
  }
}

/** A process that has ended left its name, while another that holds the lock has not written its own yet. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
