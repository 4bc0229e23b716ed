// Writes dist/openapi.json as a server returns it, and checks it without any network: part of npm run lint
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

const root = join(import.meta.dirname, '..');
if (!existsSync(join(root, 'dist/src/composition/start-server.js'))) {
  console.error('There is nothing built yet: npm run build');
  process.exit(1);
}
const { startServer } = await import('../dist/src/composition/start-server.js');
const folder = mkdtempSync(join(tmpdir(), 'portkv-'));
const server = await startServer({ config: join(folder, 'config.json'), port: 0, logLevel: 'error' }, '0.0.0');
try {
  const answer = await fetch(`${server.address}/openapi.json`);
  writeFileSync(join(root, 'dist/openapi.json'), JSON.stringify(await answer.json(), null, 2));
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
// If nothing is wrong, its notes on Node 20 are useless.
if (status !== 0) console.error(stdout + stderr);
process.exitCode = status ?? 1;
