import type { Cipher, Ciphers } from '../../application/ports/cipher.js';
import type { KeySource, Project } from '../../domain/project.js';
import type { Place } from './engine.js';
import { cipherWith } from './key-checks.js';
import { lookAtStore } from './look-at-store.js';
import { dataName, type Placement, readPlacement } from './placement.js';
import type { Unsound } from './repaired.js';
import { StoreLook } from './store-look.js';

/** What was found in a project; nothing was changed for it. */
export interface Examined {
  readonly engine: string;
  readonly options: object;
  readonly place: Place;
  /** What is as it should be, or was not looked at. */
  readonly notes: readonly string[];
  /** What is wrong with anything but the files of the store. */
  readonly problems: readonly string[];
  /** What is wrong with the files of the store. */
  readonly damages: readonly string[];
  /** Looks into encrypted values, where the key is at hand. */
  readonly unsound: Unsound;
}

/** Looks at where a project is, whether its keys are there, and at all of its present files. Rejects with `unavailable` where the placement cannot be read. */
export async function examineProject(project: Project, folder: string, ciphers: Ciphers): Promise<Examined> {
  const placement = await readPlacement(folder, project.id);
  const { engine, options = {}, generation } = placement ?? { ...project.storage, generation: 1 };
  const place = { folder, name: dataName(project.id, generation) };
  if (placement === undefined) {
    const notes = ['it has no placement: it was never opened here, or its placement file is lost'];
    return { engine, options, place, notes, problems: [], damages: [], unsound: () => undefined };
  }
  const { cipher, problems } = await cipherOf(project, placement, ciphers);
  const look = new StoreLook(unsoundWith(cipher));
  if (problems.length > 0) look.notes.push('its values are encrypted and could not be decrypted');
  try {
    await lookAtStore(placement, place, look);
  } catch (error) {
    look.damages.push((error as Error).message);
  }
  return { engine, options, place, problems, notes: look.notes, damages: look.damages, unsound: look.unsound };
}

async function cipherOf(
  project: Project,
  placement: Placement,
  ciphers: Ciphers,
): Promise<{ cipher?: Cipher; problems: readonly string[] }> {
  const { encryption, keys = [] } = placement;
  if (encryption === undefined) return { problems: [] };
  const moved = project.storage.encryption ?? encryption;
  const at = (source: KeySource) => cipherWith(ciphers, project.id, source, keys);
  try {
    return { cipher: await at(encryption).catch(() => at(moved)), problems: [] };
  } catch (error) {
    return { problems: [`${(error as Error).message}. Put the key back where it was`] };
  }
}

function unsoundWith(cipher: Cipher | undefined): Unsound {
  return (entry) => {
    try {
      cipher?.open(entry);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
}
