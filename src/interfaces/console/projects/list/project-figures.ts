import type { components } from '#openapi';
import { ApiError, toApiError } from '../../api/api-error.js';
import { apiWith, dataOf, fetched } from '../../api/client.js';
import { entryApi, may, projectKeys, systemApi, systemKey } from '../../session/session.js';
import { valuesOf } from './metrics-text.js';

export interface ProjectFigures {
  readonly id: string;
  readonly engine: string | undefined;
  readonly isEncrypted: boolean;
  /** Undefined if the key may not know. */
  readonly entries: number | undefined;
  readonly bytes: number | undefined;
  /** Why its data cannot be served; undefined if it is. */
  readonly problem: string | undefined;
}

export interface ProjectList {
  readonly projects: readonly ProjectFigures[];
  /** Ids that have data and belong to no project. */
  readonly unclaimed: readonly string[];
  /** Why there may be more projects than these. */
  readonly problem: unknown;
}

type Settings = components['schemas']['ProjectSettings'];
interface Sizes {
  readonly entries?: number | undefined;
  readonly bytes?: number | undefined;
}

/** All projects with the system key; else each of which there is a key. */
export async function loadProjects(): Promise<ProjectList> {
  const [own, all, readiness] = await Promise.all([ownSettings(), allSettings(), readinessNow()]);
  const settings = new Map([...own, ...(all instanceof ApiError ? [] : all)]);
  if (all instanceof ApiError && own.size === 0) throw all;
  const metrics = systemKey.value === undefined ? undefined : await metricsNow();
  const projects = await Promise.all(
    [...settings].map(async ([id, { storage }]): Promise<ProjectFigures> => {
      const problem = readiness.unavailable?.[id];
      const sizes = metrics === undefined ? await sizesOf(id, problem) : metrics(id);
      return {
        id,
        engine: storage?.engine,
        isEncrypted: storage?.encryption !== undefined,
        entries: sizes.entries,
        bytes: sizes.bytes,
        problem,
      };
    }),
  );
  return {
    projects: projects.sort((a, b) => (a.id < b.id ? -1 : 1)),
    unclaimed: readiness.unclaimed ?? [],
    problem: all instanceof ApiError ? all : undefined,
  };
}

async function ownSettings(): Promise<Map<string, Partial<Settings>>> {
  const own = new Map<string, Partial<Settings>>();
  for (const id of projectKeys.value.keys()) {
    own.set(id, await dataOf(entryApi(id).GET('/api/v1/projects/{project}', { params: { path: { project: id } } })));
  }
  return own;
}

/** Those that the system key sees; the error if it may not list them. */
async function allSettings(): Promise<readonly (readonly [string, Partial<Settings>])[] | ApiError> {
  if (systemKey.value === undefined) return [];
  try {
    return Object.entries((await dataOf(systemApi().GET('/api/v1/projects'))) ?? {});
  } catch (error) {
    return toApiError(error);
  }
}

interface Readiness {
  readonly unavailable?: Readonly<Record<string, string>>;
  readonly unclaimed?: readonly string[];
}

/** Answers 503 if a project is unavailable, with the same body. */
async function readinessNow(): Promise<Readiness> {
  const { data, error } = await apiWith(undefined).GET('/readyz');
  return (data ?? error ?? {}) as Readiness;
}

async function metricsNow(): Promise<(id: string) => Sizes> {
  const { body } = await fetched(systemApi().GET('/metrics', { parseAs: 'text' }));
  const entries = valuesOf(String(body), 'portkv_project_entries', 'project');
  const bytes = valuesOf(String(body), 'portkv_project_bytes', 'project');
  return (id) => ({ entries: entries.get(id), bytes: bytes.get(id) });
}

async function sizesOf(project: string, problem: string | undefined): Promise<Sizes> {
  if (problem !== undefined || !may(project, 'list')) return {};
  try {
    const params = { path: { project }, query: { count: 'bytes' as const } };
    const data = await dataOf(entryApi(project).GET('/api/v1/projects/{project}/store', { params }));
    const { count, size_bytes: bytes } = data as { readonly count?: number; readonly size_bytes?: number };
    return { entries: count, bytes };
  } catch (error) {
    if (toApiError(error).status === 0) throw error;
    return {};
  }
}
