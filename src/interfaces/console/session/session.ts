import { computed, signal } from '@preact/signals';
import type { components } from '#openapi';
import { ApiError } from '../api/api-error.js';
import { type Api, apiWith, dataOf } from '../api/client.js';
import { clearStored, readStored, type StoredKeys, writeStored } from './stored-keys.js';

export type Caller = components['schemas']['Caller'];
export type Scope = components['schemas']['Scope'];

/** A key that was accepted, and what it may do. It stays in memory. */
export interface SignedKey {
  readonly key: string;
  readonly caller: Caller;
}

const EVERYTHING: Scope[] = ['read', 'write', 'delete', 'list', 'watch', 'admin'];

export const systemKey = signal<SignedKey | undefined>(undefined);
export const projectKeys = signal<ReadonlyMap<string, SignedKey>>(new Map());
/** False until the keys of the session were asked for. */
export const isRestored = signal(false);
/** Whether the keys are kept in `sessionStorage`, where a reload finds them. */
export const isKept = signal(false);
export const isSignedIn = computed(() => systemKey.value !== undefined || projectKeys.value.size > 0);

/** Asks the server what a key may do. `project` is needed for a key that does not begin with `pkv_`. */
export async function identify(key: string, project?: string): Promise<Caller> {
  try {
    return await dataOf(apiWith(key).GET('/api/v1/whoami'));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401 || project === undefined) throw error;
    await dataOf(apiWith(key).GET('/api/v1/projects/{project}', { params: { path: { project } } }));
    const name = 'primary';
    return { kind: 'project', id: null, name, project, scopes: EVERYTHING, prefix: null, expires_at: null };
  }
}

export function signIn(key: string, caller: Caller): void {
  const signed = { key, caller };
  if (caller.project === null) systemKey.value = signed;
  else projectKeys.value = new Map(projectKeys.value).set(caller.project, signed);
  keep();
}

/** Forgets the key of a project, the system key, or all of them. */
export function signOut(which?: { readonly project: string } | 'system'): void {
  if (which === undefined || which === 'system') systemKey.value = undefined;
  const rest = new Map(projectKeys.value);
  if (which === undefined) rest.clear();
  else if (which !== 'system') rest.delete(which.project);
  projectKeys.value = rest;
  keep();
}

export function keepInSession(wanted: boolean): void {
  isKept.value = wanted;
  keep();
}

function keep(): void {
  if (!isKept.value || !isSignedIn.value) {
    clearStored();
    return;
  }
  const projects = Object.fromEntries([...projectKeys.value].map(([id, { key }]) => [id, key]));
  writeStored({ ...(systemKey.value ? { system: systemKey.value.key } : {}), projects });
}

/** Signs in again with the keys that this tab kept. Those that are no longer valid are left out. */
export async function restoreSession(): Promise<void> {
  const stored = readStored();
  if (stored !== undefined) await restore(stored);
  isRestored.value = true;
}

async function restore({ system, projects = {} }: StoredKeys): Promise<void> {
  const kept = [...(system === undefined ? [] : [[undefined, system] as const]), ...Object.entries(projects)];
  const callers = await Promise.allSettled(kept.map(([project, key]) => identify(key, project)));
  const isServerBack = callers.some((one) => one.status === 'fulfilled');
  for (const [i, one] of callers.entries()) {
    const key = kept[i]?.[1];
    if (one.status !== 'fulfilled' || key === undefined) continue;
    isKept.value = true;
    signIn(key, one.value);
  }
  // Kept while the server does not answer: the next reload may find it.
  if (!isServerBack && !callers.every((one) => one.status === 'rejected' && one.reason.status === 0)) clearStored();
}

/** The API with the system key. */
export function systemApi(): Api {
  return apiWith(systemKey.value?.key);
}

/** The API for the entries of a project: with its own key. */
export function entryApi(project: string): Api {
  return apiWith(projectKeys.value.get(project)?.key);
}

/** The API for the settings of a project: with its own key if that is an admin's, else with the system key. */
export function adminApi(project: string): Api {
  const own = projectKeys.value.get(project);
  return own?.caller.scopes.includes('admin') || systemKey.value === undefined ? entryApi(project) : systemApi();
}

/** Whether the key of a project may do something with its entries. */
export function may(project: string, scope: Scope): boolean {
  return projectKeys.value.get(project)?.caller.scopes.includes(scope) ?? false;
}
