import { useEffect, useState } from 'preact/hooks';
import type { components } from '#openapi';
import { dataOf } from '../../api/client.js';
import { plural } from '../../formats/quantity.js';
import { adminApi, entryApi } from '../../session/session.js';

type Snapshot = components['schemas']['Snapshot'];
type Migration = components['schemas']['Migration'];

/** What there is to bring a project back from. */
interface Remedies {
  /** The latest. */
  readonly snapshot: Snapshot | undefined;
  /** The last one, if its old data may still be there. */
  readonly migration: Migration | undefined;
}

/** Undefined until it is known. */
export function useRemedies(project: string): Remedies | undefined {
  const [remedies, setRemedies] = useState<Remedies>();
  useEffect(() => {
    void readRemedies(project).then(setRemedies);
  }, [project]);
  return remedies;
}

/** What cannot be asked for is no remedy. */
async function readRemedies(project: string): Promise<Remedies> {
  const params = { path: { project } };
  const api = adminApi(project);
  const [snapshots, migrations] = await Promise.allSettled([
    dataOf(api.GET('/api/v1/projects/{project}/snapshots', { params })),
    dataOf(api.GET('/api/v1/projects/{project}/migrations', { params })),
  ]);
  const last = migrations.status === 'fulfilled' ? (migrations.value as Migration[]).at(-1) : undefined;
  return {
    snapshot: snapshots.status === 'fulfilled' ? (snapshots.value as Snapshot[]).at(-1) : undefined,
    migration: last?.state === 'done' && !last.rolled_back ? last : undefined,
  };
}

/** Each cure resolves with what it did, in words. */
export async function restore(project: string, snapshot: string): Promise<string> {
  const params = { path: { project, snapshot } };
  const restored = await dataOf(
    adminApi(project).POST('/api/v1/projects/{project}/snapshots/{snapshot}/restore', { params }),
  );
  const { count, kept } = (restored ?? {}) as { count?: number; kept?: readonly string[] };
  const what = count === undefined ? 'The snapshot' : plural(count, 'entry', 'entries');
  return `${what} of ${project} restored.${keptText(kept)}`;
}

export async function rollBack(project: string, migration: string): Promise<string> {
  const params = { path: { project, migration } };
  const done = await dataOf(
    adminApi(project).POST('/api/v1/projects/{project}/migrations/{migration}/rollback', { params }),
  );
  const { from, kept } = done as Migration & { kept?: readonly string[] };
  return `${project} is on ${from} again.${keptText(kept)}`;
}

export async function beginEmpty(project: string): Promise<string> {
  const params = { path: { project } };
  const done = await dataOf(entryApi(project).DELETE('/api/v1/projects/{project}/store', { params }));
  return `${project} is empty now.${keptText((done as { kept?: readonly string[] } | null)?.kept)}`;
}

function keptText(kept: readonly string[] = []): string {
  return kept.length === 0 ? '' : ` The damaged files are kept in the data folder as ${kept.join(', ')}.`;
}
