import type { components, paths } from '#openapi';
import { dataOf } from '../api/client.js';
import { entryApi, may } from '../session/session.js';

/** What is known of an entry without its value; nothing but the key if it may not be read. */
export type KeyItem = { readonly key: string } & Partial<components['schemas']['KeyedMetadata']>;

export interface KeyQuery {
  readonly project: string;
  readonly prefix: string;
  /** Empty for a list without groups. */
  readonly separator: string;
  readonly isReversed: boolean;
}

export interface KeyPage {
  readonly items: readonly KeyItem[];
  readonly prefixes: readonly string[];
  readonly cursor: string | null;
}

const PAGE = 500;

export async function readPage(
  { project, prefix, separator, isReversed }: KeyQuery,
  cursor: string | undefined,
): Promise<KeyPage> {
  const form = may(project, 'read') ? ({ items: 'meta' } as const) : ({ keys_only: true } as const);
  const query = {
    ...form,
    limit: PAGE,
    ...(prefix === '' ? {} : { prefix }),
    ...(separator === '' ? {} : { separator }),
    ...(isReversed ? { reverse: true } : {}),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const page = (await list(project, query)) as {
    readonly items?: readonly KeyItem[];
    readonly keys?: readonly string[];
    readonly prefixes?: readonly string[];
    readonly cursor: string | null;
  };
  const items = page.items ?? (page.keys ?? []).map((key) => ({ key }));
  return { items, prefixes: page.prefixes ?? [], cursor: page.cursor };
}

export interface GroupCount {
  readonly count: number;
  /** False if there are more than were counted. */
  readonly isComplete: boolean;
}

/** How many keys one group has, as far as the server counts without effort. */
export async function countGroup({ project, prefix, separator }: KeyQuery, group: string): Promise<GroupCount> {
  // A page that begins with the group and has nothing else.
  const query = { keys_only: true, count: 'prefixes', separator, start: group, limit: 1 } as const;
  const page = await list(project, { ...query, ...(prefix === '' ? {} : { prefix }) });
  const { prefix_counts: counts = [] } = page as {
    readonly prefix_counts?: readonly { readonly prefix: string; readonly count: number; readonly complete: boolean }[];
  };
  const found = counts.find((one) => one.prefix === group);
  return { count: found?.count ?? 0, isComplete: found?.complete ?? true };
}

export async function countKeys(project: string, prefix: string): Promise<number> {
  const page = await list(project, { count: 'only', ...(prefix === '' ? {} : { prefix }) });
  return (page as { readonly count: number }).count;
}

const SEPARATORS = ['/', ':', '.'];

/** The separator that most of the first keys have; empty if few have any. */
export async function guessSeparator(project: string, prefix: string): Promise<string> {
  const page = await list(project, { keys_only: true, limit: 100, ...(prefix === '' ? {} : { prefix }) });
  const keys = (page as { readonly keys: readonly string[] }).keys.map((key) => key.slice(prefix.length));
  const counts = SEPARATORS.map((one) => keys.filter((key) => key.includes(one)).length);
  const most = Math.max(...counts);
  return most * 4 < keys.length || most === 0 ? '' : (SEPARATORS[counts.indexOf(most)] ?? '');
}

type ListQuery = NonNullable<paths['/api/v1/projects/{project}/store']['get']['parameters']['query']>;

function list(project: string, query: ListQuery): Promise<unknown> {
  return dataOf(entryApi(project).GET('/api/v1/projects/{project}/store', { params: { path: { project }, query } }));
}
