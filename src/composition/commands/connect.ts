import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { ApiClient } from '../../interfaces/cli/connection/api-client.js';
import { findServer } from '../../interfaces/cli/connection/find-server.js';
import { explainRefusal, type GivenKey } from '../../interfaces/cli/connection/key-need.js';
import { Profiles } from '../../interfaces/cli/connection/profiles.js';
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
  const run = async (client: ApiClient, key: GivenKey | undefined) => {
    try {
      await task(client);
    } catch (error) {
      throw explainRefusal(error, request.needs, key);
    }
  };
  if (found.url !== undefined) return run(new ApiClient({ url: found.url }, found.key?.key), found.key);
  const { config, data, keyAt } = found;
  if (!existsSync(config)) throw await missingServer(resolve(config));
  // Only a server of this machine needs the modules of a server.
  const { withLocalClient } = await import('./connect-locally.js');
  const folders = { config, ...(data === undefined ? {} : { data }) };
  await withLocalClient({ folders, version, keyAt }, run);
}

async function missingServer(config: string): Promise<AppError> {
  const names = Object.keys(await Profiles.ofUser(process.env).all()).sort();
  const profiles = names.length === 0 ? '' : `, --profile (${names.join(', ')})`;
  const server = `a server with --url${profiles} or portkv login`;
  return new AppError('invalid', `There is no ${config}: name the configuration with --config, or ${server}`);
}
