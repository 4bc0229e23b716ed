import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** What package.json says about the package. */
export interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

export async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
}

/** Every file that the package leads to, by the name under which it is imported; `*` stands for each folder. */
export async function entryPoints({ exports }: Manifest): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, readonly string[]>();
  for (const [name, targets] of Object.entries(exports)) {
    const files = typeof targets === 'string' ? [targets] : Object.values(targets);
    if (!name.includes('*')) all.set(name, files);
    else
      for (const each of await foldersFor(files))
        all.set(
          name.replace('*', each),
          files.map((file) => file.replace('*', each)),
        );
  }
  return all;
}

/** What the star in these paths stands for: the folders that have all of the files. */
async function foldersFor(files: readonly string[]): Promise<readonly string[]> {
  const parent = join(ROOT, files[0]?.split('*')[0] ?? '');
  const names = await readdir(parent);
  return names.filter((name) => files.every((file) => existsSync(join(ROOT, file.replace('*', name)))));
}
