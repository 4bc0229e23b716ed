// npm run docs: writes the responses of the examples into docs/routes.md, and the table of settings into README.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { startServer } from '../dist/src/composition/start-server.js';
import { configSchema } from '../dist/src/infrastructure/config/settings/config-schema.js';
import { unaligned, withConfigurationTable } from '../dist/test/docs/configuration-table.js';
import { answersOf, examplesOf, filled } from '../dist/test/docs/examples.js';

const path = join(import.meta.dirname, '../docs/routes.md');
const page = readFileSync(path, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'portkv-'));
const server = await startServer(
  { config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'error' },
  '0.1.0',
);
try {
  const examples = examplesOf(page);
  const { system, project } = server.firstKeys;
  const variables = { URL: server.address, SYSTEM_KEY: system, KEY: project };
  writeFileSync(path, filled(page, examples, await answersOf(examples, variables, folder)));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

const readme = join(import.meta.dirname, '../README.md');
const before = readFileSync(readme, 'utf8');
const after = withConfigurationTable(before, configSchema());
if (unaligned(after) !== unaligned(before)) writeFileSync(readme, after);
