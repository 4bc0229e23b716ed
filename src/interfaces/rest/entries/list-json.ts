import type { PrefixSize } from '../../../application/entries/measure-prefixes.js';
import type { Entry, EntryHead } from '../../../domain/entry.js';
import type { ValueView } from '../../../domain/value.js';
import { itemJson, metadataJson } from '../response/envelope.js';

/** All entries by key as Simple-PyKV shows them, as pieces of JSON text. */
export async function* wholeJson(pages: AsyncIterable<readonly Entry[]>): AsyncGenerator<string> {
  let separator = '{';
  for await (const page of pages) {
    yield separator + page.map((entry) => `${JSON.stringify(entry.key)}:${itemJson(entry)}`).join(',');
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

/** The member `keys` of a page. */
export function keysJson(entries: readonly EntryHead[]): string {
  return `"keys":${JSON.stringify(entries.map(({ key }) => key))}`;
}

/** The member `items` of a page, without values. */
export function metadataListJson(entries: readonly EntryHead[]): string {
  return `"items":[${entries.map((entry) => metadataJson(entry, keyMember(entry))).join(',')}]`;
}

/** The member `items` of a page, with values. */
export function itemsJson(entries: readonly Entry[], items: string | undefined, view: ValueView): string {
  if (items === 'array')
    return `"items":[${entries.map((entry) => itemJson(entry, view, keyMember(entry))).join(',')}]`;
  return `"items":{${entries.map((entry) => `${JSON.stringify(entry.key)}:${itemJson(entry, view)}`).join(',')}}`;
}

/** The member `prefix_counts` of a page; without bytes if the caller may not read values. */
export function prefixSizesJson(sizes: readonly PrefixSize[], withBytes: boolean): string {
  const list = sizes.map(({ prefix, count, bytes, complete }) => {
    return { prefix, count, ...(withBytes ? { size_bytes: bytes } : {}), complete };
  });
  return `"prefix_counts":${JSON.stringify(list)}`;
}

/** The first member of an item that is not under its key. */
export function keyMember({ key }: Pick<Entry, 'key'>): string {
  return `"key":${JSON.stringify(key)},`;
}

interface ShownPage {
  /** The member with the entries, as JSON text. */
  readonly shown: string;
  readonly prefixes: readonly string[] | undefined;
  /** The member with the sizes of the prefixes, as JSON text. */
  readonly sized: string | undefined;
  readonly cursor: string | undefined;
  readonly count: number | undefined;
}

/** A page as JSON text. */
export function pageJson({ shown, prefixes, sized, cursor, count }: ShownPage): string {
  const members = [shown];
  if (prefixes !== undefined) members.push(`"prefixes":${JSON.stringify(prefixes)}`);
  if (sized !== undefined) members.push(sized);
  members.push(`"cursor":${JSON.stringify(cursor ?? null)}`);
  if (count !== undefined) members.push(`"count":${count}`);
  return `{${members.join(',')}}`;
}

/** Where the next page is. */
export function nextUrl(project: string, query: object, cursor: string): string {
  const next = new URLSearchParams(
    Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `/api/v1/projects/${project}/store?${next}`;
}
