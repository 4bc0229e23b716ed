import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../domain/errors.js';
import { IN_MEMORY_ENGINE } from '../infrastructure/config/check-storage.js';
import { ConfigFile } from '../infrastructure/config/config-file.js';
import { loadConfig } from '../infrastructure/config/load-config.js';
import { ServerCertificate } from '../infrastructure/config/server-certificate.js';
import { Argon2Hasher } from '../infrastructure/security/argon2-hasher.js';
import { ApiClient } from '../interfaces/cli/api-client.js';
import type { Target } from '../interfaces/cli/target.js';
import { missingConfig } from './missing-config.js';
import { startServer } from './start-server.js';

/**
 * Runs the task against the server that the target names or that uses its data folder. If no server does, starts one
 * for the task, on a socket file in a private folder: a user that can open that can also read the data folder, so no
 * key is required.
 */
export async function withClient(
  target: Target,
  version: string,
  task: (client: ApiClient) => Promise<void>,
): Promise<void> {
  const { PORTKV_URL, PORTKV_KEY } = process.env;
  const url = target.url ?? PORTKV_URL;
  const key = target.key ?? PORTKV_KEY;
  if (url !== undefined) return task(new ApiClient({ url }, key));
  if (!existsSync(target.config)) throw missingConfig(resolve(target.config), 'or a server with --url');
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  const socketPath = join(folder, 'api');
  try {
    const server = await startServer({ ...target, logLevel: 'error' }, version, { socketPath });
    try {
      const { address } = await configuredAddress(target.config);
      await task(new ApiClient({ socketPath, address, volatileEngine: IN_MEMORY_ENGINE }, undefined));
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.details?.pid === undefined) throw error;
    const { address, tls } = await configuredAddress(target.config);
    const certificate = tls && { certificate: (await tls.read()).cert };
    await task(new ApiClient({ url: address, ...certificate }, key));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The address of the configured server, as seen from this machine, and its certificate. */
async function configuredAddress(path: string): Promise<{ address: string; tls: ServerCertificate | undefined }> {
  const file = new ConfigFile(resolve(path));
  const {
    server_host = '127.0.0.1',
    server_port = 0,
    server_tls,
  } = (await loadConfig(file, new Argon2Hasher()))?.settings ?? {};
  const host = ['0.0.0.0', '::'].includes(server_host) ? '127.0.0.1' : server_host;
  const place = `${host.includes(':') ? `[${host}]` : host}:${server_port}`;
  if (!server_tls) return { address: `http://${place}`, tls: undefined };
  return { address: `https://${place}`, tls: new ServerCertificate(server_tls, file.path) };
}
