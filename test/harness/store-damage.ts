import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalEngineName } from '../../src/infrastructure/storage/engines/registry.js';

/** Damages the data of a stopped project; the folder is the data folder. */
export type Damage = (folder: string, project: string) => Promise<void>;

/** Ways in which the data of a project is lost, by engine; none for an engine that keeps nothing on the disk. */
export const DAMAGES = {
  'json-file': {
    'a file that is cut off': async (folder, project) => truncate(await dataPath(folder, project), 5),
    'a missing file': async (folder, project) => rm(await dataPath(folder, project)),
    'a folder in place of the file': async (folder, project) => {
      const path = await dataPath(folder, project);
      await rm(path);
      await mkdir(path);
    },
  },
  directory: {
    'a commit that cannot be finished': async (folder, project) =>
      writeFile(join(await dataPath(folder, project), '.portkv', 'intent.json'), '{"a": ', { mode: 0o600 }),
    'a missing folder': async (folder, project) => rm(await dataPath(folder, project), { recursive: true }),
  },
  lmdb: {
    'a file that is cut off': async (folder, project) =>
      truncate(join(await dataPath(folder, project), 'data.mdb'), 10_000),
    'a file of something else': async (folder, project) =>
      writeFile(join(await dataPath(folder, project), 'data.mdb'), 'x'.repeat(100_000)),
    'a missing folder': async (folder, project) => rm(await dataPath(folder, project), { recursive: true }),
  },
  memory: {},
} satisfies Partial<Record<LocalEngineName, Readonly<Record<string, Damage>>>>;

/** Ways in which any project loses its placement: it has more than one generation, so that nothing can be guessed. */
export const PLACEMENT_DAMAGES: Readonly<Record<string, Damage>> = {
  'a missing placement': (folder, project) => rm(placementPath(folder, project)),
  'a placement that is cut off': (folder, project) => truncate(placementPath(folder, project), 20),
};

/** What a project with an entry is damaged by so that it can be opened and the entry cannot be read. */
export const ENTRY_DAMAGES: Readonly<Partial<Record<LocalEngineName, (path: string, value: string) => Promise<void>>>> =
  {
    directory: async (path) => {
      const [name = ''] = (await readdir(path)).filter((one) => one.endsWith('.json'));
      await writeFile(join(path, name), '{');
    },
    lmdb: async (path, value) => {
      const file = join(path, 'data.mdb');
      const bytes = await readFile(file);
      for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 1)) bytes[at] = 0;
      await writeFile(file, bytes);
    },
  };

/** The file, or folder, that has the entries of a project. */
export async function dataPath(folder: string, project: string): Promise<string> {
  const { engine, generation } = JSON.parse(await readFile(placementPath(folder, project), 'utf8'));
  const name = generation === 1 ? project : `${project}.${generation}`;
  return join(folder, `${name}${{ 'json-file': '_store.json', directory: '', lmdb: '.lmdb' }[engine as string]}`);
}

/** The project's files and folders in the data folder. */
export async function filesOf(folder: string, project: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith(project)).sort();
}

function placementPath(folder: string, project: string): string {
  return join(folder, `${project}.placement.json`);
}
