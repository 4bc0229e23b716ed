import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { IN_MEMORY_ENGINE } from '../../infrastructure/config/check-storage.js';
import { ApiClient } from '../../interfaces/cli/connection/api-client.js';
import { type Target, withEnvironment } from '../../interfaces/cli/connection/target.js';
import { missingConfig } from '../missing-config.js';
import { configuredAddress, configuredCertificate, localAddress } from './local-address.js';
import { type PrivateServer, startPrivateServer, startPrivateServerAs } from './private-server.js';
import { type CommandFolders, foreignOwner } from './run-as-owner.js';

/**
 * Runs the task against the server that the target names or that uses its data folder. If no server does, starts one
 * for the task, as the owner of the data.
 */
export async function withClient(
  target: Target,
  version: string,
  task: (client: ApiClient) => Promise<void>,
): Promise<void> {
  const { url, key } = withEnvironment(target);
  if (url !== undefined) return task(new ApiClient({ url }, key));
  const { config, data } = target;
  if (!existsSync(config)) throw missingConfig(resolve(config), 'or a server with --url');
  const started = await startFor({ config, ...(data === undefined ? {} : { data }) }, version);
  if (typeof started === 'string') {
    const certificate = started.startsWith('https:') ? await configuredCertificate(config) : undefined;
    return task(new ApiClient({ url: started, ...(certificate === undefined ? {} : { certificate }) }, key));
  }
  try {
    const { socketPath } = started;
    const address = await configuredAddress(config);
    await task(new ApiClient({ socketPath, address, volatileEngine: IN_MEMORY_ENGINE }, undefined));
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
