import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UnclaimedProjects } from '../../application/projects/unclaimed-projects.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { ConfigFile } from '../../infrastructure/config/config-file.js';
import { type LoadedConfig, loadConfig } from '../../infrastructure/config/load-config.js';
import { projectFromSettings } from '../../infrastructure/config/stored-project.js';
import { permissionWarnings } from '../../infrastructure/files/file-permissions.js';
import { FreeSpace } from '../../infrastructure/files/free-space.js';
import { requireHashAddon } from '../../infrastructure/native-addons.js';
import { Argon2Hasher } from '../../infrastructure/security/argon2-hasher.js';
import { ConfiguredCiphers } from '../../infrastructure/security/configured-ciphers.js';
import { lockDataFolder } from '../../infrastructure/storage/data-folder.js';
import { inspectProject, type ProjectInspection } from '../../infrastructure/storage/inspect-project.js';
import { StorePool } from '../../infrastructure/storage/on-demand/store-pool.js';
import { LocalProjectStorages } from '../../infrastructure/storage/placement/local-project-storages.js';
import type { DoctorOptions } from '../../interfaces/cli/actions.js';
import { ownerProblem } from '../data-folder-owner.js';
import { missingConfig } from '../missing-config.js';
import { unclaimedProblem } from '../unclaimed-data.js';
import { checkOwnership } from './doctor-ownership.js';
import { runAsOwner } from './run-as-owner.js';

/**
 * Inspects everything that a stopped server needs and calls `report` with each finding, a line each. Returns true if
 * all is well. Rejects with `invalid` if the configuration is wrong, with `unavailable` if another process uses the
 * data folder. Without `repair` no data changes.
 */
export async function doctor(
  id: string | undefined,
  options: DoctorOptions,
  report: (line: string) => void,
): Promise<boolean> {
  requireHashAddon();
  const isOwned = await checkOwnership(options, report);
  await runAsOwner(options, (line) => report(`note: ${line}`));
  const path = resolve(options.config);
  const file = new ConfigFile(path);
  const config = await loadConfig(file, new Argon2Hasher());
  if (config === undefined) throw missingConfig(path);
  if (config.settings.system.registry !== undefined) {
    report('note: the projects are in the registry, and are not checked here');
  }
  const projects = config.settings.projects
    .map(projectFromSettings)
    .filter((project) => id === undefined || project.id === id);
  if (id !== undefined && projects.length === 0) throw new AppError('invalid', `${path} has no project '${id}'`);
  const data = options.data === undefined ? config.dataFolder : resolve(options.data);
  if (!existsSync(data)) {
    report(`problem: the data folder ${data} is missing: name it with --data, or put back a copy`);
    return false;
  }
  const owner = await ownerProblem({ file, config, folder: data });
  const folder = await lockDataFolder(data);
  try {
    const general = [
      ...(owner === undefined ? [] : [owner.message]),
      ...(await permissionWarnings([path, data])),
      ...(await diskSpaceProblems(config, data)),
    ];
    if (id === undefined) general.push(...(await unclaimedProblems(projects, data, path)));
    for (const problem of general) report(`problem: ${problem}`);
    let isWell = isOwned && general.length === 0;
    const ciphers = new ConfiguredCiphers(dirname(path));
    for (const project of projects) {
      if (!(await inspect(project, data, ciphers, options.repair === true, report))) isWell = false;
    }
    report(isWell ? 'All is well.' : 'Not all is well, see above.');
    return isWell;
  } finally {
    await folder.release();
  }
}

async function unclaimedProblems(projects: readonly Project[], folder: string, config: string): Promise<string[]> {
  const quiet = () => undefined;
  const log = { error: quiet, warn: quiet, info: quiet, debug: undefined };
  const space = { requireFor: async () => undefined };
  const ciphers = new ConfiguredCiphers(dirname(config));
  const storages = new LocalProjectStorages({ folder, ciphers, log, space, pool: new StorePool() });
  const found = await new UnclaimedProjects({ list: () => projects }, storages).find();
  return found.map((id) => unclaimedProblem(id, folder, config));
}

async function diskSpaceProblems({ settings }: LoadedConfig, folder: string): Promise<string[]> {
  const space = new FreeSpace(folder, settings.system.min_free_bytes);
  await space.start();
  try {
    space.require();
    return [];
  } catch (error) {
    return [`${(error as Error).message}. Make room on the disk of ${folder}`];
  } finally {
    space.stop();
  }
}

async function inspect(
  project: Project,
  folder: string,
  ciphers: ConfiguredCiphers,
  mayRepair: boolean,
  report: (line: string) => void,
): Promise<boolean> {
  const reportAs = (kind: string, text: string) => report(`${kind}: project '${project.id}': ${text}`);
  try {
    const found = await inspectProject(project, folder, ciphers);
    for (const note of found.notes) reportAs('note', `${found.engine}: ${note}`);
    for (const problem of [...found.problems, ...found.damages]) reportAs('problem', problem);
    if (found.damages.length > 0) await repairDamage(found, mayRepair, reportAs);
    return found.problems.length + found.damages.length === 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    reportAs('problem', error.message);
    return false;
  }
}

async function repairDamage(
  { engine, repair }: ProjectInspection,
  mayRepair: boolean,
  reportAs: (kind: string, text: string) => void,
): Promise<void> {
  if (repair === undefined) {
    return reportAs(
      'cure',
      `nothing can be recovered here (engine ${engine}): restore a snapshot (portkv snapshot restore), import a copy ` +
        'with --mode replace, or put back the files; damaged ones are kept',
    );
  }
  if (!mayRepair) {
    return reportAs(
      'cure',
      'restore a snapshot (portkv snapshot restore), import a copy with --mode replace, or recover with --repair ' +
        'what can be read; the damaged files are kept',
    );
  }
  const { entries, lost, kept } = await repair();
  reportAs('repaired', `it holds the ${entries} entries that can be read`);
  for (const one of lost) reportAs('lost', one);
  for (const one of kept) reportAs('kept', one);
}
