import type { Cipher, Ciphers } from '../../application/ports/cipher.js';
import type { KeySource, Project } from '../../domain/project.js';
import { Inspection } from './building-blocks/inspection.js';
import type { EntryCheck, RepairResult } from './building-blocks/repair-result.js';
import type { Engine, Place } from './engines/engine.js';
import { engineNamed, optionsOf } from './engines/engine-options.js';
import { cipherWith } from './placement/encryption-key-checks.js';
import { dataName, type Placement, readPlacement } from './placement/placement.js';
import { existingFiles, laterFiles } from './placement/project-files.js';

/** What was found in a project; nothing was changed for it. */
export interface ProjectInspection {
  readonly engine: string;
  /** What is as it should be, or was not looked at. */
  readonly notes: readonly string[];
  /** What is wrong with anything but the files of the store. */
  readonly problems: readonly string[];
  /** What is wrong with the files of the store. */
  readonly damages: readonly string[];
  /** Recovers what can be read, as `Engine.repair`; undefined where the engine cannot, or nothing is there. */
  readonly repair: (() => Promise<RepairResult>) | undefined;
}

/** Looks at where a project is, whether its keys are there, and at all of its present files. Rejects with `unavailable` where the placement cannot be read. */
export async function inspectProject(project: Project, folder: string, ciphers: Ciphers): Promise<ProjectInspection> {
  const placement = await readPlacement(folder, project.id);
  if (placement === undefined) {
    const notes = ['it has no placement: it was never opened here, or its placement file is lost'];
    const problems = (await laterFiles(folder, project.id)).map(
      (path) => `${path} is there, but no placement says what it is`,
    );
    return { engine: project.storage.engine, notes, problems, damages: [], repair: undefined };
  }
  const { cipher, problems } = await cipherOf(project, placement, ciphers);
  const unsound = unsoundWith(cipher);
  const findings = new Inspection(unsound);
  if (problems.length > 0) findings.notes.push('its values are encrypted and could not be decrypted');
  const place = { folder, name: dataName(project.id, placement.generation) };
  let repair: ProjectInspection['repair'];
  try {
    const engine = await engineNamed(placement.engine);
    const options = optionsOf(engine, placement.options);
    if (await hasMainFile(engine, place, options)) repair = engine.repair?.bind(engine, place, options, unsound);
    if (engine.examine === undefined) findings.notes.push('its files were not looked at');
    else await engine.examine(place, options, findings);
  } catch (error) {
    findings.damages.push((error as Error).message);
  }
  return { engine: placement.engine, problems, notes: findings.notes, damages: findings.damages, repair };
}

/** Whether the first of its files is there, without which the others are no store. */
async function hasMainFile(engine: Engine, place: Place, options: object): Promise<boolean> {
  const [main] = await engine.files(place, options);
  return main === undefined || (await existingFiles(engine, place, options)).includes(main);
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

function unsoundWith(cipher: Cipher | undefined): EntryCheck {
  return (entry) => {
    try {
      cipher?.decrypt(entry);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
}
