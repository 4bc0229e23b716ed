import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** All files and folders in a folder, as `readdir` with `recursive` has them, but without what npm installed there. */
export async function pathsIn(folder: string): Promise<string[]> {
  const found = await Promise.all(
    (await readdir(folder, { withFileTypes: true })).map(async (entry) => {
      if (!entry.isDirectory()) return [entry.name];
      if (entry.name === 'node_modules') return [];
      const inside = await pathsIn(join(folder, entry.name));
      return [entry.name, ...inside.map((path) => join(entry.name, path))];
    }),
  );
  return found.flat();
}
