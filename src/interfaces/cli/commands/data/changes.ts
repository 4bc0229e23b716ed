import { type JsonText, outlineOf, readOutline } from '../../../../domain/json/outline.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withQuery } from '../../connection/paths.js';
import { escapedText } from '../../output/escaped-text.js';
import { oneLineJson } from '../../output/json-text.js';
import { keyText } from '../../output/print-result.js';

/** A change as the API returns it; the event `resync` stands for those that it no longer has. */
export interface Change {
  readonly event: string;
  readonly key?: string;
  readonly version?: string;
  /** The entry that was put, if it is asked for and still current. */
  readonly item?: JsonText;
  /** Of the last one: how to go on after it. */
  readonly since?: string;
}

/** What of a change is kept as it came. */
const ITEM: ReadonlySet<string> = new Set(['item']);

/** The next changes, the last one with the token to go on after it. */
export async function nextChanges(
  client: ApiClient,
  project: string,
  query: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly changes: readonly Change[]; readonly since: string }> {
  const path = withQuery(`${project}/changes`, query);
  const { text } = await client.call('GET', path, undefined, { expects: ['changes', 'since'] });
  const { data } = readOutline(outlineOf(text, ITEM), ITEM) as {
    readonly data: { readonly changes: readonly Change[]; readonly since: string; readonly resync?: true };
  };
  const changes: Change[] = [...(data.resync ? [{ event: 'resync' }] : []), ...data.changes];
  return {
    changes: [...changes.slice(0, -1), ...changes.slice(-1).map((it) => ({ ...it, since: data.since }))],
    since: data.since,
  };
}

/** A change as a line of JSON, with its item digit for digit. */
export function changeJson({ item, since, ...change }: Change): string {
  const members = [JSON.stringify(change).slice(1, -1)];
  if (item !== undefined) members.push(`"item":${oneLineJson(item.text)}`);
  if (since !== undefined) members.push(`"since":${JSON.stringify(since)}`);
  return `{${members.join(',')}}\n`;
}

export function changeLine({ event, version = '', key = '' }: Change): string {
  return `${[event, version, keyText(key)].join(' ').trimEnd()}\n`;
}

/** The same with a tab and the value, if the change has one; a line for any bytes. The item is shown as base64. */
export function changeLineWithValue({ event, version, key, item }: Change): string {
  if (version === undefined || key === undefined) return `${event}\n`;
  const line = `${event} ${version} ${escapedText(Buffer.from(key))}`;
  if (item === undefined) return `${line}\n`;
  return `${line}\t${escapedText(Buffer.from(JSON.parse(item.text).value, 'base64'))}\n`;
}
