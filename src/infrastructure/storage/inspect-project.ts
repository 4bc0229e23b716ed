import type { Cipher, Ciphers } from '../../application/ports/cipher.js';
import type { KeySource, Project } from '../../domain/project.js';
import { Inspection } from './building-blocks/inspection.js';
import type { EntryCheck, RepairResult } from './building-blocks/repair-result.js';
import type { Engine, EngineServer } from './engines/engine.js';
import type { Location } from './engines/location.js';
import { engineNamed, optionsOf } from './engines/registry.js';
import { cipherWith } from './placement/encryption-key-checks.js';
import { FolderListing } from './placement/files/folder-listing.js';
import { existingFiles, laterFiles, localPaths } from './placement/files/project-files.js';
import { readPlacement } from './placement/files/stored-placement.js';
import type { Placement } from './placement/placement.js';

/** What was found in a project; nothing was changed for it. */
export interface ProjectInspection {
  readonly engine: string;
  /** What is as it should be, or was not inspected. */
  readonly notes: readonly string[];
  /** What is wrong with anything but the data of the store. */
  readonly problems: readonly string[];
  /** What is wrong with the data of the store. */
  readonly damages: readonly string[];
  /** Recovers what can be read, as `Maintenance.repair`; undefined if the engine cannot, or if nothing is there. */
  readonly repair: (() => Promise<RepairResult>) | undefined;
}

/**
 * Checks where a project is, whether its keys are there, and all of its present data. Rejects with `unavailable` if the
 * placement cannot be read.
 */
export async function inspectProject(project: Project, folder: string, ciphers: Ciphers): Promise<ProjectInspection> {
  const placement = await readPlacement(folder, project.id);
  if (placement === undefined) return inspectUnplaced(project, folder);
  const { cipher, problems } = await cipherOf(project, placement, ciphers);
  const check = checkWith(cipher);
  const inspection = new Inspection(check);
  if (problems.length > 0) inspection.notes.push('its values are encrypted and could not be decrypted');
  const location = { project: project.id, generation: placement.generation, folder };
  let repair: ProjectInspection['repair'];
  try {
    const engine = await engineNamed(placement.engine);
    const options = optionsOf(engine, placement.options);
    const { maintenance } = engine;
    if (maintenance !== undefined && (await hasMainFile(engine, location, options))) {
      repair = maintenance.repair.bind(maintenance, location, options, check);
    }
    if (maintenance !== undefined) await maintenance.inspect(location, options, inspection);
    else if (engine.server !== undefined) await inspectServer(engine.server, options, inspection, problems);
    else inspection.notes.push(engine.localFiles ? 'its files were not looked at' : 'nothing of it is on disk');
  } catch (error) {
    inspection.damages.push((error as Error).message);
  }
  return { engine: placement.engine, problems, notes: inspection.notes, damages: inspection.damages, repair };
}

/** Its data is not read: only whether the server can be reached, and how it is set. */
async function inspectServer(
  server: EngineServer,
  options: object,
  { notes }: Inspection,
  problems: string[],
): Promise<void> {
  try {
    const { commit, warnings } = await server.durability(options);
    notes.push(`it is on another server, where a commit ${commit}`);
    problems.push(...warnings);
  } catch (error) {
    problems.push((error as Error).message);
  }
}

async function inspectUnplaced({ id, storage }: Project, folder: string): Promise<ProjectInspection> {
  const notes = ['it has no placement: it was never opened here, or its placement file is lost'];
  const found = await laterFiles(new FolderListing(folder), id);
  const problems = found.map(
    (path) => `${path} is there, but no placement says what it is: put that back, or restore a snapshot`,
  );
  return { engine: storage.engine, notes, problems, damages: [], repair: undefined };
}

/** Whether the first of its files is there, without which the others are no store. */
async function hasMainFile(engine: Engine, location: Location, options: object): Promise<boolean> {
  const [main] = await localPaths(engine, location, options);
  return main === undefined || (await existingFiles(engine, location, options)).includes(main);
}

async function cipherOf(
  project: Project,
  placement: Placement,
  ciphers: Ciphers,
): Promise<{ cipher?: Cipher; problems: string[] }> {
  const { encryption, keys = [] } = placement;
  if (encryption === undefined) return { problems: [] };
  const moved = project.storage.encryption ?? encryption;
  const cipherFrom = (source: KeySource) => cipherWith(ciphers, project.id, source, keys);
  try {
    return { cipher: await cipherFrom(encryption).catch(() => cipherFrom(moved)), problems: [] };
  } catch (error) {
    return { problems: [`${(error as Error).message}. Put the key back where it was`] };
  }
}

function checkWith(cipher: Cipher | undefined): EntryCheck {
  return (entry) => {
    try {
      cipher?.decrypt(entry);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
}
