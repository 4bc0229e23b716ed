// npm run test:redis-suite: Redis' own tests against a server of ours. See docs/testing.md.
import 'reflect-metadata';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../../src/composition/start-server.js';
import { runUnit, type UnitResult } from './run-unit.js';
import { suiteTable, withTable } from './suite-report.js';
import { prepareSuite } from './suite-source.js';

/** The units about commands that PortKV has. */
const UNITS = [
  'type/string',
  'type/incr',
  'type/hash',
  'type/set',
  'expire',
  'scan',
  'keyspace',
  'multi',
  'protocol',
  'quit',
];
const PAGE = join(import.meta.dirname, '../../../docs/redis.md');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'memory' },
    unit: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
});

const suite = await prepareSuite(positionals[0]);
const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
const server = await startServer({ config: await configuration(), port: 0, logLevel: 'error' }, 'test');
try {
  const port = Number(new URL(server.others[0] ?? '').port);
  const results: UnitResult[] = [];
  for (const unit of values.unit ?? UNITS) results.push(await runAndPrint(port, unit));
  const table = suiteTable(suite.version, results);
  if (values.write) await writeFile(PAGE, withTable(await readFile(PAGE, 'utf8'), table));
  else process.stdout.write(`\n${table}\n`);
  const sum = (of: (result: UnitResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const failed = sum((result) => result.failed.length);
  process.stdout.write(`\n${sum((result) => result.passed)} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await server.stop();
  await suite.remove();
  await rm(folder, { recursive: true, force: true });
}

async function runAndPrint(port: number, unit: string): Promise<UnitResult> {
  const result = await runUnit(suite, port, `unit/${unit}`);
  process.stdout.write(`${unit}: ${result.passed} passed, ${result.failed.length} failed\n`);
  for (const { name, detail } of result.failed)
    process.stdout.write(`  FAILED ${name}\n    ${detail.slice(0, 1000)}\n`);
  return result;
}

async function configuration(): Promise<string> {
  const path = join(folder, 'config.json');
  const project = { id: 'p', storage: { engine: values.engine }, authentication: { enabled: false } };
  const transports = [{ kind: 'redis', port: 0, project: 'p' }];
  const system = { authentication: { api_key: 'a-system-key' } };
  await writeFile(path, JSON.stringify({ system, transports, projects: [project] }));
  return path;
}
