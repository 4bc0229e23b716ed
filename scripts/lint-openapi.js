// Saves the OpenAPI document of a running server as dist/openapi.json and checks it offline; part of npm run lint.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

const root = join(import.meta.dirname, '..');
if (!existsSync(join(root, 'dist/src/composition/start-server.js'))) {
  console.error('Nothing is built yet: npm run build');
  process.exit(1);
}
const { startServer } = await import('../dist/src/composition/start-server.js');
const folder = mkdtempSync(join(tmpdir(), 'portkv-'));
const server = await startServer(
  { config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'error' },
  '0.0.0',
);
try {
  const response = await fetch(`${server.address}/openapi.json`);
  writeFileSync(join(root, 'dist/openapi.json'), JSON.stringify(await response.json(), null, 2));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}
const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js');
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [cli, 'lint', 'dist/openapi.json', '--format=stylish', '--config=redocly.yaml'],
  { cwd: root, env, encoding: 'utf8' },
);
// Without a finding its output is only notes on Node 20.
if (status !== 0) console.error(stdout + stderr);
process.exitCode = status ?? 1;
