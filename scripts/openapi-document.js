// Reads the OpenAPI document of a server that is started for it, after a build.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { startServer } from '../dist/src/composition/start-server.js';

export async function openApiDocument() {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-'));
  const config = join(folder, 'config.json');
  const server = await startServer({ config, init: true, port: 0, logLevel: 'error' }, '0.0.0');
  try {
    return await (await fetch(`${server.address}/openapi.json`)).json();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}
