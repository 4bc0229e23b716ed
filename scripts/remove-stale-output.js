// Part of `npm run build`: removes from dist/ what the compiler made of sources that are gone, so that no test of a
// moved file runs.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
/** What tsconfig.json includes. */
const SOURCES = ['src', 'test', 'bench'];
const OUTPUT = /\.(js|js\.map|d\.ts)$/;

/** Whether anything is left in the folder. */
function clean(folder) {
  let isEmpty = true;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() ? clean(path) : isWanted(path)) isEmpty = false;
    else rmSync(path, { recursive: true });
  }
  return !isEmpty;
}

function isWanted(path) {
  const source = join(root, relative(dist, path));
  return !OUTPUT.test(path) || existsSync(source.replace(OUTPUT, '.ts'));
}

for (const folder of SOURCES.map((name) => join(dist, name)).filter((path) => existsSync(path))) clean(folder);
