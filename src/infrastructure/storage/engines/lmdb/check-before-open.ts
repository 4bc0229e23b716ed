import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../../../application/ports/logger.js';
import type { ClosedState } from '../../on-demand/closed-state.js';
import type { CheckJob, CheckResult } from './check-worker.js';
import { type LastClose, readLastClose } from './clean-shutdown.js';
import { dataFile, journalFolder } from './environment/environment.js';
import { CorruptFileError, fileEnd, readHeader } from './pages/file-header.js';

/**
 * Checks the files before LMDB opens them, because a bad one would end the process. The whole data file is read, unless
 * it was closed cleanly and not changed since. Throws `CorruptFileError`. Stops after `timeout` ms, with a warning:
 * LMDB itself leaves nothing half-written when a process dies. Rejects when the signal is aborted. Returns how the data
 * file was closed.
 */
export async function checkBeforeOpen(
  folder: string,
  timeout: number,
  log: Logger,
  signal?: AbortSignal,
): Promise<LastClose> {
  const file = dataFile(folder);
  await expectFiles(folder);
  const { closed, unchanged } = await readLastClose(folder);
  const isShort = checkHeader(file, closed);
  if (!isShort && unchanged) return { closed, unchanged: !(await hasJournal(folder)) };
  const started = performance.now();
  const result = await checkInWorker({ file, closed }, timeout, signal);
  if (result?.damage !== undefined) throw new CorruptFileError(result.damage);
  const took = Math.round(performance.now() - started);
  if (result === undefined)
    log.warn({ file, took }, 'the store is too large to be checked in time, it is used unchecked');
  else log.info({ file, took }, 'the store was not closed in good order; it was checked and is intact');
  return { closed, unchanged: false };
}

/** What is known of a store that can be opened unchecked. */
export async function closedStateOf(folder: string): Promise<ClosedState | undefined> {
  try {
    await expectFiles(folder);
    const { closed, state } = await readLastClose(folder);
    if (state === undefined || (await hasJournal(folder)) || checkHeader(dataFile(folder), closed)) return undefined;
    const { keys, bytes, nextExpiry } = state;
    return { size: { keys, bytes }, unreadable: [], nextExpiry };
  } catch {
    return undefined;
  }
}

/** Whether something was committed since the data file was closed, or may have been. */
async function hasJournal(folder: string): Promise<boolean> {
  return (await lstat(journalFolder(folder)).catch(() => undefined)) !== undefined;
}

async function expectFiles(folder: string): Promise<void> {
  await expectKind(folder, 'folder');
  await expectKind(dataFile(folder), 'file');
  await expectKind(join(folder, 'lock.mdb'), 'file', true);
}

async function expectKind(path: string, kind: 'file' | 'folder', mayBeMissing = false): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined && mayBeMissing) return;
  if (found === undefined) throw new CorruptFileError(`the ${kind} is missing`);
  if (kind === 'file' ? !found.isFile() : !found.isDirectory()) throw new CorruptFileError(`it is no ordinary ${kind}`);
}

/** True if the file ends before its last page, which is fine if that page is a free one. */
function checkHeader(file: string, closed: boolean): boolean {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(fd);
    return fileEnd(readHeader(fd, size, closed)) > size;
  } finally {
    closeSync(fd);
  }
}

/** In a thread of its own, so that reading gigabytes does not delay the other projects. Undefined after the timeout. */
async function checkInWorker(
  job: CheckJob,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<CheckResult | undefined> {
  const worker = new Worker(new URL('./check-worker.js', import.meta.url), { workerData: job });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      timer = setTimeout(resolve, timeout, undefined);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
