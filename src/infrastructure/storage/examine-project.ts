import { join } from 'node:path';
import type { Ciphers } from '../../application/ports/cipher.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Store } from '../../application/ports/store.js';
import type { Project } from '../../domain/project.js';
import type { Place } from './engine.js';
import { engineNamed, optionsOf } from './engine-options.js';
import { cipherWith } from './key-checks.js';
import { dataName, type Placement, readPlacement } from './placement.js';

/** What was found in a project; nothing was changed for it. */
export interface Examined {
  readonly engine: string;
  readonly place: Place;
  /** What is as it should be, or was not looked at. */
  readonly notes: readonly string[];
  /** What is wrong with anything but the files of the store. */
  readonly problems: readonly string[];
  /** What is wrong with the files of the store. */
  readonly damages: readonly string[];
}

interface Look {
  readonly notes: string[];
  readonly damages: string[];
}

/** Most entries that are looked at in one page. */
const PAGE = 256;

/** Looks at where a project is, whether its keys are there, and at all of its present files. Rejects with `unavailable` where the placement cannot be read. */
export async function examineProject(project: Project, folder: string, ciphers: Ciphers): Promise<Examined> {
  const placement = await readPlacement(folder, project.id);
  const { engine, generation } = placement ?? { engine: project.storage.engine, generation: 1 };
  const place = { folder, name: dataName(project.id, generation) };
  if (placement === undefined) {
    const notes = ['it has no placement: it was never opened here, or its placement file is lost'];
    return { engine, place, notes, problems: [], damages: [] };
  }
  const look: Look = { notes: [], damages: [] };
  const problems = await keyProblems(project, placement, ciphers);
  if (placement.encryption !== undefined) look.notes.push('its values are encrypted and were not decrypted');
  try {
    await lookAt(placement, place, look);
  } catch (error) {
    look.damages.push((error as Error).message);
  }
  return { engine, place, notes: look.notes, problems, damages: look.damages };
}

async function keyProblems(project: Project, placement: Placement, ciphers: Ciphers): Promise<string[]> {
  const { encryption, keys = [] } = placement;
  if (encryption === undefined) return [];
  const moved = project.storage.encryption ?? encryption;
  try {
    await cipherWith(ciphers, project.id, encryption, keys).catch(() => cipherWith(ciphers, project.id, moved, keys));
    return [];
  } catch (error) {
    return [`${(error as Error).message}. Put the key back where it was`];
  }
}

/** Opening a store may finish or cut off what a crash left, so each kind is read in a way that writes nothing. */
async function lookAt({ engine: name, options: given }: Placement, place: Place, look: Look): Promise<void> {
  const engine = await engineNamed(name);
  const options = optionsOf(engine, given);
  const [first = '', ...others] = await engine.files(place, options);
  switch (name) {
    case 'json-file': {
      const [current = '', old = ''] = others;
      const { examine } = await import('./json-file/examine.js');
      const { table, problems } = await examine({ file: first, current, old });
      look.damages.push(...problems);
      if (problems.length === 0) await count(table, look);
      return;
    }
    case 'lmdb': {
      const { checkFile } = await import('./lmdb/check-file.js');
      const { hasFailedCommit } = await import('./lmdb/failed-commit.js');
      const file = join(first, 'data.mdb');
      try {
        checkFile(file, await hasFailedCommit(first));
        look.notes.push('every page, checksum and count is right');
      } catch (error) {
        look.damages.push(`${file}: ${(error as Error).message}`);
      }
      return;
    }
    case 'directory': {
      const store = await engine.open(place, { ...options, read_only: true }, loggerInto(look));
      await count(store, look);
      await store.close();
      look.notes.push('a change that a crash interrupted, which the next start finishes, was not looked for');
      return;
    }
    case 'memory':
      look.notes.push('nothing of it is on disk');
      return;
    default:
      look.notes.push('its engine is of another package: its files were not looked at');
  }
}

async function count(store: Pick<Store, 'scan' | 'size'>, { notes, damages }: Look): Promise<void> {
  const seen = { keys: 0, bytes: 0 };
  let after: string | undefined;
  for (;;) {
    const page = await store.scan(after === undefined ? { limit: PAGE } : { after, limit: PAGE });
    for (const { key, value } of page) {
      seen.keys += 1;
      seen.bytes += Buffer.byteLength(key) + value.length;
      after = key;
    }
    if (page.length < PAGE) break;
  }
  const { keys, bytes } = await store.size();
  if (keys === seen.keys && bytes === seen.bytes) notes.push(`${keys} entries of ${bytes} bytes`);
  else damages.push(`it counts ${keys} entries of ${bytes} bytes but holds ${seen.keys} of ${seen.bytes}`);
}

function loggerInto({ damages }: Look): Logger {
  const take = (_: object, message: string) => void damages.push(message);
  return { error: take, warn: take, info: () => undefined, debug: undefined };
}
