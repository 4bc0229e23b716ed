import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ErrorCode } from '../../domain/errors.js';
import type { Owner } from '../../infrastructure/files/owner.js';
import { startServer } from '../start-server.js';
import type { CommandFolders } from './run-as-owner.js';
import { socketFolder } from './socket-folder.js';

/** A server for one command. */
export interface PrivateServer {
  readonly socketPath: string;
  stop(): Promise<void>;
}

/** What the process of a private server gets. */
export interface PrivateServerTask {
  readonly owner: Owner;
  readonly folders: CommandFolders;
  readonly version: string;
}

/** What it reports, once. */
export type PrivateServerReport =
  | { readonly socketPath: string }
  | { readonly code: ErrorCode; readonly message: string; readonly details?: Record<string, unknown> };

/**
 * Starts a server on a socket file in a private folder: a user that can open that can also read the data folder, so no
 * key is required. Rejects like `startServer`.
 */
export async function startPrivateServer(folders: CommandFolders, version: string): Promise<PrivateServer> {
  const folder = await socketFolder();
  const socketPath = join(folder, 'api');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await startServer({ ...folders, logLevel: 'error' }, version, { socketPath });
    return { socketPath, stop: () => server.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The same in a process of the owner, so that files which the command itself reads and writes stay those of root. */
export async function startPrivateServerAs(task: PrivateServerTask): Promise<PrivateServer> {
  const child = fork(new URL('./private-server-process.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  child.send(task);
  const found = await Promise.race([firstReport(child), ended.then(() => undefined)]);
  if (found === undefined) throw new AppError('unavailable', 'The server for this command ended before it was ready');
  if ('code' in found) throw new AppError(found.code, found.message, { details: found.details ?? {} });
  const stop = async () => {
    if (child.connected) child.disconnect();
    await ended;
  };
  return { socketPath: found.socketPath, stop };
}

async function firstReport(child: ChildProcess): Promise<PrivateServerReport> {
  const [report] = await once(child, 'message');
  return report as PrivateServerReport;
}
