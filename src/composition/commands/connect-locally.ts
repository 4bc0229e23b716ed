import { AppError } from '../../domain/errors.js';
import { IN_MEMORY_ENGINE } from '../../infrastructure/config/check-storage.js';
import { ApiClient } from '../../interfaces/cli/connection/api-client.js';
import type { GivenKey } from '../../interfaces/cli/connection/key-need.js';
import { configuredAddress, configuredCertificate, localAddress } from './local-address.js';
import { type PrivateServer, startPrivateServer, startPrivateServerAs } from './private-server.js';
import { type CommandFolders, foreignOwner } from './run-as-owner.js';

/** Where a task runs that names no server. */
export interface LocalTarget {
  readonly folders: CommandFolders;
  readonly version: string;
  /** The key for a server that listens at this address. */
  keyAt(address: string): Promise<GivenKey | undefined>;
}

/** Runs the task against the server of the data folder, or against one that is started for the task. */
export async function withLocalClient(
  { folders, version, keyAt }: LocalTarget,
  task: (client: ApiClient, key: GivenKey | undefined) => Promise<void>,
): Promise<void> {
  const started = await startFor(folders, version);
  if (typeof started === 'string') {
    const certificate = started.startsWith('https:') ? await configuredCertificate(folders.config) : undefined;
    const key = await keyAt(started);
    return task(new ApiClient({ url: started, ...(certificate === undefined ? {} : { certificate }) }, key?.key), key);
  }
  try {
    const { socketPath } = started;
    const address = await configuredAddress(folders.config);
    await task(new ApiClient({ socketPath, address, volatileEngine: IN_MEMORY_ENGINE }, undefined), undefined);
  } finally {
    await started.stop();
  }
}

/** A server for the task, or the address of the one that uses the data folder. */
async function startFor(folders: CommandFolders, version: string): Promise<PrivateServer | string> {
  const owner = await foreignOwner(folders);
  try {
    return await (owner === undefined
      ? startPrivateServer(folders, version)
      : startPrivateServerAs({ owner, folders, version }));
  } catch (error) {
    if (!(error instanceof AppError) || error.details?.pid === undefined) throw error;
    const address = localAddress(error.details.address);
    if (address !== undefined) return address;
    const message = `${error.message}. It does not serve here; try again when it does, or name a server with --url`;
    throw new AppError(error.code, message, { details: { ...error.details }, cause: error });
  }
}
