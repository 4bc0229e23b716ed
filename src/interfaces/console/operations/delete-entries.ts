import type { components } from '#openapi';
import { dataOf } from '../api/client.js';
import { entryApi, may } from '../session/session.js';
import { exportOf, type StoredItem } from './export-file.js';
import { runTransaction } from './transaction.js';

/** Keys of one transaction: what it returns must fit into a response of a few megabytes. */
const KEYS = 100;
/** What a deletion of a prefix keeps for its undo at most. */
const UNDO_ENTRIES = 5000;
const UNDO_BYTES = 24_000_000;

/** Deletes entries, and returns what was there: as of the same moment, if the key may read. */
export async function deleteEntries(project: string, keys: readonly string[]): Promise<readonly StoredItem[]> {
  const deleted: StoredItem[] = [];
  const old = may(project, 'read') ? ({ return: 'old', as: 'base64' } as const) : {};
  for (let i = 0; i < keys.length; i += KEYS) {
    const part = keys.slice(i, i + KEYS);
    const operations = part.map((key) => ({ delete: { key, ...old } }));
    const results = (await runTransaction(project, { operations })) as components['schemas']['DeleteResult'][];
    for (const [n, result] of results.entries()) {
      if (result.old) deleted.push({ ...result.old, key: part[n] as string });
    }
  }
  return deleted;
}

/**
 * Puts deleted entries back, with their types, metadata and times. Those that were written again since then stay as
 * they are. Returns the ones that are back.
 */
export async function restoreEntries(project: string, items: readonly StoredItem[]): Promise<readonly StoredItem[]> {
  const absent: StoredItem[] = [];
  for (let i = 0; i < items.length; i += 1000) {
    const part = items.slice(i, i + 1000);
    const heads = await runTransaction(project, { operations: part.map(({ key }) => ({ head: { key } })) });
    absent.push(...part.filter((_, n) => heads[n] === null));
  }
  if (absent.length > 0) await importEntries(project, absent);
  return absent;
}

async function importEntries(project: string, items: readonly StoredItem[]): Promise<void> {
  await dataOf(
    entryApi(project).POST('/api/v1/projects/{project}/import', {
      params: { path: { project }, query: { mode: 'merge' } },
      headers: { 'Content-Type': 'application/x-ndjson' },
      body: exportOf(project, items),
    }),
  );
}

/** How many keys begin with a prefix, by the dry run of their deletion. */
export async function countForDeletion(project: string, prefix: string): Promise<number> {
  return (await removePrefix(project, prefix, true)) ?? 0;
}

export function deletePrefix(project: string, prefix: string): Promise<number | undefined> {
  return removePrefix(project, prefix, false);
}

async function removePrefix(project: string, prefix: string, isDryRun: boolean): Promise<number | undefined> {
  const data = await dataOf(
    entryApi(project).DELETE('/api/v1/projects/{project}/store', {
      params: { path: { project }, query: { prefix, ...(isDryRun ? { dry_run: true } : {}) } },
    }),
  );
  return (data as { readonly count?: number | null } | null)?.count ?? undefined;
}

/** What is below a prefix, to put it back later; undefined if it is too much, or the key may not read it. */
export async function entriesBelow(project: string, prefix: string): Promise<readonly StoredItem[] | undefined> {
  if (!may(project, 'read') || !may(project, 'list')) return undefined;
  const found: StoredItem[] = [];
  let [size, cursor]: [number, string | null | undefined] = [0, undefined];
  do {
    const query = { prefix, items: 'array', as: 'base64', limit: 500, ...(cursor ? { cursor } : {}) } as const;
    const params = { path: { project }, query };
    const page = await dataOf(entryApi(project).GET('/api/v1/projects/{project}/store', { params }));
    const { items, cursor: next } = page as { readonly items: readonly StoredItem[]; readonly cursor: string | null };
    found.push(...items);
    size += items.reduce((sum, item) => sum + item.size_bytes, 0);
    if (found.length > UNDO_ENTRIES || size > UNDO_BYTES) return undefined;
    cursor = next;
  } while (cursor);
  return found;
}

/** Reads chosen entries with their values. */
export async function readItems(project: string, keys: readonly string[]): Promise<readonly StoredItem[]> {
  const found: StoredItem[] = [];
  for (let i = 0; i < keys.length; i += KEYS) {
    const part = keys.slice(i, i + KEYS);
    const operations = part.map((key) => ({ get: { key, as: 'base64' as const } }));
    const results = (await runTransaction(project, { operations })) as (components['schemas']['Item'] | null)[];
    for (const [n, item] of results.entries()) if (item) found.push({ ...item, key: part[n] as string });
  }
  return found;
}
