import { type JsonText, outlineOf, readOutline } from '../../../../domain/json/outline.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withQuery } from '../../connection/paths.js';
import { escapedText } from '../../output/escaped-text.js';
import { oneLineJson } from '../../output/json-text.js';
import { writeBytes } from '../../output/write-bytes.js';

/** Entries with values are more than keys. */
const PAGE = 200;
/** What of a page is kept as it came. */
const ITEMS: ReadonlySet<string> = new Set(['items']);

/** Which entries are printed. */
interface ValuesRange {
  readonly prefix?: string;
  readonly start?: string;
  readonly end?: string;
  readonly reverse?: true;
  readonly limit?: number;
}

/** Prints a line for each entry: its key, a tab and its value. */
export async function writeEntries(client: ApiClient, project: string, range: ValuesRange): Promise<void> {
  for await (const { data } of pagesOf(client, project, range, 'base64')) {
    const items: readonly { readonly key: string; readonly value: string }[] = data.items;
    const lines = items.map(({ key, value }) => {
      return `${escapedText(Buffer.from(key))}\t${escapedText(Buffer.from(value, 'base64'))}\n`;
    });
    await writeBytes(lines.join(''));
  }
}

/** Prints one object of JSON, page by page, in which each entry is as the API shows it, digit for digit. */
export async function writeEntriesJson(client: ApiClient, project: string, range: ValuesRange): Promise<void> {
  let before = '{"items":[';
  for await (const { text } of pagesOf(client, project, range, 'auto')) {
    const { data } = readOutline(outlineOf(text, ITEMS), ITEMS) as { readonly data: { readonly items: JsonText } };
    const shown = data.items.text.slice(1, -1);
    if (shown === '') continue;
    await writeBytes(before + oneLineJson(shown));
    before = ',';
  }
  await writeBytes(before === ',' ? ']}\n' : `${before}]}\n`);
}

async function* pagesOf(
  client: ApiClient,
  project: string,
  { limit = Number.POSITIVE_INFINITY, reverse, ...range }: ValuesRange,
  as: 'auto' | 'base64',
) {
  let [left, cursor] = [limit, undefined as string | undefined];
  do {
    const order = reverse ? { reverse: 'true' } : {};
    const query = { items: 'array', as, limit: Math.min(left, PAGE), ...range, ...order, cursor };
    const page = await client.call('GET', withQuery(`${project}/store`, query), undefined, { expects: ['items'] });
    left -= page.data.items.length;
    cursor = page.data.cursor ?? undefined;
    yield page;
  } while (cursor !== undefined && left > 0);
}
