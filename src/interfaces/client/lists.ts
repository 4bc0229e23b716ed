import { requireRange } from '../key-value-store/arguments.js';
import type { KeyRange, KeysOptions } from '../key-value-store/key-value-store.js';
import type { Connection } from './http/connection.js';
import { dataOf } from './http/response.js';
import { type Item, refuse } from './items.js';
import { queryOf } from './paths.js';

/** The most keys, and entries with values, of one page. */
const KEYS = 1000;
const ENTRIES = 200;

/** How a page shows its entries: with values as base64, without values, or their keys alone. */
const FORMS = {
  list: { items: 'array', as: 'base64' },
  heads: { items: 'meta' },
  keys: { keys_only: true },
} as const;

interface Page {
  readonly keys?: readonly string[];
  readonly items?: readonly (Item & { readonly key: string })[];
  readonly cursor: string | null;
}

/** The keys or entries of a list in its order, page by page. */
export async function* listed(
  connection: Connection,
  project: string,
  { limit = Number.POSITIVE_INFINITY, reverse, ...range }: KeysOptions,
  form: keyof typeof FORMS,
): AsyncGenerator<{ readonly key: string; readonly item: Item | undefined }, void> {
  requireRange({ limit }, refuse);
  const query = { ...FORMS[form], ...boundsOf(range), reverse: reverse || undefined };
  const most = form === 'list' ? ENTRIES : KEYS;
  let cursor: string | null | undefined;
  for (let left = limit; left > 0 && cursor !== null; ) {
    const path = `${project}/store${queryOf({ ...query, limit: Math.min(left, most), cursor })}`;
    const page = dataOf(await connection.send({ method: 'GET', path, repeat: 'safe' })) as Page;
    for (const key of page.keys ?? []) yield { key, item: undefined };
    for (const item of page.items ?? []) yield { key: item.key, item };
    left -= page.keys?.length ?? page.items?.length ?? 0;
    cursor = page.cursor;
  }
}

/** The parameters of a range. Throws `invalid`. */
export function boundsOf({ prefix, start, after, end }: KeyRange): Record<string, string | undefined> {
  requireRange({ prefix, start, after, end }, refuse);
  // The next string after a key: no key is between them.
  return { prefix, start: after === undefined ? start || undefined : `${after}\0`, end };
}
