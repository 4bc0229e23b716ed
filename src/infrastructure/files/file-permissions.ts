import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** No more files are checked: a start must not walk through millions. */
const MAX_CHECKED = 10_000;
const MAX_LISTED = 5;
const OTHERS = 0o077;

/**
 * Warnings about files and folders, at or below the paths, that not only their owner can use. Links are not followed.
 */
export async function permissionWarnings(paths: readonly string[]): Promise<string[]> {
  const wide: string[] = [];
  let left = MAX_CHECKED;
  const queue = [...paths];
  for (let path = queue.pop(); path !== undefined && left > 0; path = queue.pop(), left--) {
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined || found.isSymbolicLink()) continue;
    if ((found.mode & OTHERS) !== 0) wide.push(`${path} (${(found.mode & 0o777).toString(8)})`);
    if (found.isDirectory()) queue.push(...(await namesIn(path, left)));
  }
  if (wide.length === 0) return [];
  const more = wide.length > MAX_LISTED ? ` and ${wide.length - MAX_LISTED} more` : '';
  const listed = `${wide.slice(0, MAX_LISTED).join(', ')}${more}`;
  return [`Other users of this machine can get at ${listed}: chmod go= takes that from them`];
}

async function namesIn(path: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(path)) if (names.push(join(path, name)) >= limit) break;
  } catch {
    // What cannot be read is reported when it is needed.
  }
  return names;
}
