import { dataOf } from '../api/client.js';
import { entryApi } from '../session/session.js';
import type { Limits } from './value-checks.js';

/** The limits of a project; none if they cannot be read, because the server checks them in any case. */
export async function limitsOf(project: string): Promise<Limits> {
  try {
    const { limits } = await dataOf(
      entryApi(project).GET('/api/v1/projects/{project}', { params: { path: { project } } }),
    );
    return limits ?? {};
  } catch {
    return {};
  }
}
