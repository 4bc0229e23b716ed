import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Most files that are looked at: nobody waits for a start that walks millions. */
const MAX_LOOKED_AT = 10_000;
const MAX_NAMED = 5;
const OTHERS = 0o077;

/** Warnings about files and folders below the paths given that others than their owner can read or change. Links are not followed. */
export async function permissionWarnings(paths: readonly string[]): Promise<string[]> {
  const wide: string[] = [];
  let left = MAX_LOOKED_AT;
  const waiting = [...paths];
  for (let path = waiting.pop(); path !== undefined && left > 0; path = waiting.pop(), left--) {
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined || found.isSymbolicLink()) continue;
    if ((found.mode & OTHERS) !== 0) wide.push(`${path} (${(found.mode & 0o777).toString(8)})`);
    if (found.isDirectory()) waiting.push(...(await namesIn(path, left)));
  }
  if (wide.length === 0) return [];
  const more = wide.length > MAX_NAMED ? ` and ${wide.length - MAX_NAMED} more` : '';
  return [
    `Other users of this machine can get at ${wide.slice(0, MAX_NAMED).join(', ')}${more}: chmod go= takes that from them`,
  ];
}

async function namesIn(path: string, most: number): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(path)) if (names.push(join(path, name)) >= most) break;
  } catch {
    // What cannot be read is told where it is needed.
  }
  return names;
}
