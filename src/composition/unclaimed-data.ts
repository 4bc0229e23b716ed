import type { Logger } from '../application/ports/logger.js';
import type { UnclaimedProjects } from '../application/projects/unclaimed-projects.js';

/** Says what to do about data of a project that is not in the configuration. */
export function unclaimedProblem(id: string, folder: string, config: string): string {
  return (
    `${folder} has data of project '${id}', which is not in ${config}, so it is not served: put the project into ` +
    'the configuration, or create it with existing=adopt'
  );
}

/** Warns about each project that has data and is not in the configuration. */
export async function warnOfUnclaimed(
  projects: UnclaimedProjects,
  folder: string,
  config: string,
  log: Logger,
): Promise<void> {
  for (const id of await projects.find()) log.warn({ project: id }, unclaimedProblem(id, folder, config));
}
