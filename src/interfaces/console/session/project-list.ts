import { computed, effect, signal } from '@preact/signals';
import type { components } from '#openapi';
import { toApiError } from '../api/api-error.js';
import { dataOf } from '../api/client.js';
import { projectKeys, systemApi, systemKey } from './session.js';

type Projects = Readonly<Record<string, components['schemas']['Project'] | object>>;

const listed = signal<readonly string[]>([]);

/** Why the projects could not be listed; their keys still work. */
export const listProblem = signal<string | undefined>(undefined);

/** The projects that the keys can see: all of them with the system key, else each one with a key. */
export const projectIds = computed(() => [...new Set([...listed.value, ...projectKeys.value.keys()])].sort());

/** Lists the projects again, after one was made or deleted. */
export async function reloadProjects(): Promise<void> {
  if (systemKey.value === undefined) {
    listed.value = [];
    listProblem.value = undefined;
    return;
  }
  try {
    const projects = await dataOf(systemApi().GET('/api/v1/projects'));
    listed.value = Object.keys((projects ?? {}) as Projects);
    listProblem.value = undefined;
  } catch (error) {
    listProblem.value = toApiError(error).message;
  }
}

effect(() => {
  if (systemKey.value !== undefined || listed.peek().length > 0) void reloadProjects();
});
