import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import type { ProjectStorage } from '../ports/project-storage.js';

/** Creates an empty store. Rejects with `conflict`, naming the data, if there is some under the id. */
export async function createEmpty(project: Project, storage: ProjectStorage): Promise<void> {
  const names = await storage.existing(project);
  if (names.length > 0) throw dataExists(project.id, names);
  await storage.create(project);
}

/** Takes over the data under the id. Rejects with `conflict` if it is not clear which that is. */
export async function adoptData(project: Project, storage: ProjectStorage): Promise<void> {
  if (await storage.load()) return;
  if ((await storage.existing(project)).length === 0) return storage.create(project);
  try {
    await storage.adopt(project);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
    throw new AppError('conflict', error.message, { cause: error });
  }
}

/** `names` are relative to the data folder. */
function dataExists(project: string, names: readonly string[]): AppError {
  const isOtherCase = names.some((name) => !name.split('/').at(-1)?.startsWith(project));
  const adopt = isOtherCase
    ? 'use its own spelling, because ids that differ only in case are one id,'
    : 'take it over with existing=adopt (or put the project into the configuration and restart)';
  const message =
    `There is data of project '${project}' already: ${names.join(', ')}. Nothing was changed: ${adopt} ` +
    'or rename it with existing=move-aside';
  return new AppError('conflict', message, { details: { existing: names } });
}
