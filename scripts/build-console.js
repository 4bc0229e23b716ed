// Part of `npm run build`: writes the types of the API and builds the console into dist/console, if their sources
// changed since the last time.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const types = join(root, 'dist/console-types');
const output = join(root, 'dist/console');
const API = [
  'dist/src/interfaces/rest',
  'dist/src/domain',
  'dist/src/infrastructure/config/settings',
  'scripts/console',
];
const CONSOLE = [
  'src/interfaces/console',
  'src/interfaces/client',
  'src/interfaces/key-value-store',
  'package-lock.json',
];
const run = promisify(execFile);

function fingerprint(paths) {
  const hash = createHash('sha256');
  const add = (path) => hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  for (const path of paths) {
    if (/\.\w+$/.test(path)) add(path);
    else for (const entry of filesIn(path).sort()) add(entry);
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Runs `build` unless `mark` says that it was done for these sources. */
async function ifChanged(mark, sources, build) {
  const now = fingerprint(sources);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === now) return;
  // A build that fails leaves something else behind than the last one did.
  rmSync(mark, { force: true });
  await build();
  writeFileSync(mark, now);
}

async function writeTypes() {
  const { openApiDocument } = await import('./openapi-document.js');
  const { openApiTypes } = await import('./console/openapi-types.js');
  writeFileSync(join(types, 'openapi.d.ts'), openApiTypes(await openApiDocument()));
}

async function buildConsole() {
  const program = (name) => join(root, 'node_modules', name);
  await Promise.all([
    run(process.execPath, [program('typescript/bin/tsc'), '-p', 'src/interfaces/console'], { cwd: root }),
    run(process.execPath, [program('vite/bin/vite.js'), 'build', 'src/interfaces/console', '--logLevel', 'warn'], {
      cwd: root,
    }),
  ]);
}

if (!existsSync(join(root, 'node_modules/vite'))) {
  console.error('The console is not built, because Vite is missing: run `npm ci`');
  const isNeeded = process.env.CI !== undefined || ['pack', 'publish'].includes(process.env.npm_command ?? '');
  process.exit(isNeeded ? 1 : 0);
}
mkdirSync(types, { recursive: true });
mkdirSync(output, { recursive: true });
try {
  await ifChanged(join(types, 'sources'), API, writeTypes);
  await ifChanged(join(types, 'built'), [...CONSOLE, 'dist/console-types/openapi.d.ts'], buildConsole);
} catch (error) {
  console.error(error.stdout || error.stderr ? `${error.stdout}${error.stderr}` : error);
  process.exit(1);
}
