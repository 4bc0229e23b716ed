import { join } from 'node:path';
import type { Place } from './engine.js';
import { engineNamed, optionsOf } from './engine-options.js';
import type { Placement } from './placement.js';
import type { StoreLook } from './store-look.js';

/**
 * Looks at all files of a store. Opening one may finish or cut off what a crash left, so each kind is read in a way that writes nothing.
 * Throws what an engine says of a store that it cannot read.
 */
export async function lookAtStore(
  { engine: name, options: given }: Placement,
  place: Place,
  look: StoreLook,
): Promise<void> {
  const engine = await engineNamed(name);
  const options = optionsOf(engine, given);
  const [first = '', ...others] = await engine.files(place, options);
  switch (name) {
    case 'json-file': {
      const [current = '', old = ''] = others;
      const { examine } = await import('./json-file/examine.js');
      const { table, problems } = await examine({ file: first, current, old });
      look.damages.push(...problems);
      if (problems.length === 0) await look.count(table);
      return;
    }
    case 'lmdb': {
      const { checkFile } = await import('./lmdb/check-file.js');
      const { hasFailedCommit } = await import('./lmdb/failed-commit.js');
      const file = join(first, 'data.mdb');
      try {
        checkFile(file, await hasFailedCommit(first), (entry) => look.see(entry));
        look.notes.push('every page, checksum and count is right');
      } catch (error) {
        look.damages.push(`${file}: ${(error as Error).message}`);
      }
      return;
    }
    case 'directory': {
      const { folderOf, OWN } = await import('./directory/engine.js');
      const { intentProblem } = await import('./directory/repair.js');
      const store = await engine.open(place, { ...options, read_only: true }, look.log);
      await look.count(store);
      await store.close();
      const problem = intentProblem(join(folderOf(place, options), OWN));
      if (problem !== undefined) look.damages.push(problem);
      return;
    }
    case 'memory':
      look.notes.push('nothing of it is on disk');
      return;
    default:
      look.notes.push('its engine is of another package: its files were not looked at');
  }
}
