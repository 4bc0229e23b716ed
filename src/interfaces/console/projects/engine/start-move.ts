import { dataOf } from '../../api/client.js';
import { adminApi } from '../../session/session.js';
import type { Migration } from './migration.js';

/** Changes the storage of a project; returns the move that this starts, undefined if the data stays where it is. */
export async function changeStorage(project: string, storage: object): Promise<Migration | undefined> {
  const request = adminApi(project).PUT('/api/v1/projects/{project}', {
    params: { path: { project } },
    // Members that are null are taken out.
    body: { storage } as never,
  });
  return ((await dataOf(request)) as Migration | null) ?? undefined;
}
