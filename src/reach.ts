import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from './domain/errors.js';
import { ConfigFile } from './infrastructure/config/config-file.js';
import { loadConfig } from './infrastructure/config/load-config.js';
import { Argon2Hasher } from './infrastructure/security/argon2-hasher.js';
import { engines } from './infrastructure/storage/engines.js';
import { ApiClient } from './interfaces/cli/api-client.js';
import type { Target } from './interfaces/cli/target.js';
import { start } from './serve.js';

/**
 * Runs the task against the server that the target names or that holds its data folder. Where none does, a server is started for
 * it behind a socket file in a private folder: who can open that could read the data folder, too, so no key is asked for.
 */
export async function reach(
  target: Target,
  version: string,
  task: (client: ApiClient) => Promise<void>,
): Promise<void> {
  const { PORTKV_URL, PORTKV_KEY } = process.env;
  const url = target.url ?? PORTKV_URL;
  const key = target.key ?? PORTKV_KEY;
  if (url !== undefined) return task(new ApiClient({ url }, key));
  if (!existsSync(target.config)) {
    throw new AppError('unavailable', `There is no ${target.config}: name one with --config, or a server with --url`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  const socketPath = join(folder, 'api');
  try {
    const server = await start({ ...target, logLevel: 'error' }, version, undefined, undefined, socketPath);
    try {
      await task(new ApiClient({ socketPath }, undefined));
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.details?.pid === undefined) throw error;
    await task(new ApiClient({ url: await addressIn(target.config) }, key));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function addressIn(path: string): Promise<string> {
  const config = await loadConfig(new ConfigFile(resolve(path)), engines, new Argon2Hasher());
  const { server_host = '127.0.0.1', server_port = 0 } = config?.settings ?? {};
  const host = ['0.0.0.0', '::'].includes(server_host) ? '127.0.0.1' : server_host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${server_port}`;
}
