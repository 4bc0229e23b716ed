import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { ApiClient } from '../../interfaces/cli/connection/api-client.js';
import { findServer } from '../../interfaces/cli/connection/find-server.js';
import { explainRefusal } from '../../interfaces/cli/connection/key-need.js';
import type { ApiRequest } from '../../interfaces/cli/connection/target.js';

/**
 * Runs the task against the server that the request names or that uses its data folder. If no server does, starts one
 * for the task, as the owner of the data.
 */
export async function withClient(
  request: ApiRequest,
  version: string,
  task: (client: ApiClient) => Promise<void>,
): Promise<void> {
  const found = await findServer(request, process.env);
  const { key } = found;
  try {
    if (found.url !== undefined) return await task(new ApiClient({ url: found.url }, key?.key));
    const { config, data } = found;
    if (!existsSync(config)) throw missingServer(resolve(config));
    // Only a server of this machine needs the modules of a server.
    const { withLocalClient } = await import('./connect-locally.js');
    const folders = { config, ...(data === undefined ? {} : { data }) };
    await withLocalClient({ folders, version, key: key?.key }, task);
  } catch (error) {
    throw explainRefusal(error, request.needs, key);
  }
}

function missingServer(config: string): AppError {
  const message = `There is no ${config}: name the configuration with --config, or a server with --url or portkv login`;
  return new AppError('invalid', message);
}
