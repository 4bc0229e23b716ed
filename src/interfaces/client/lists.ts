import type { KeysOptions } from '../key-value-store/key-value-store.js';
import type { Connection } from './http/connection.js';
import type { Item } from './items.js';
import { keyOf, queryOf } from './paths.js';
import { dataOf } from './http/response.js';

/** The most keys, and entries with values, of one page. */
const KEYS = 1000;
const ENTRIES = 200;

interface Page {
  readonly keys?: readonly string[];
  readonly items?: Readonly<Record<string, Item>>;
  readonly cursor: string | null;
}

/** The entries of a list in the order of keys, page by page; without items if only keys are asked for. */
export async function* listed(
  connection: Connection,
  project: string,
  { prefix, after, limit = Number.POSITIVE_INFINITY }: KeysOptions,
  withValues: boolean,
): AsyncGenerator<readonly [key: string, item: Item | undefined], void> {
  if (after !== undefined) keyOf(after);
  const form = withValues ? { as: 'base64' } : { keys_only: true };
  let cursor: string | null | undefined;
  for (let left = limit; left > 0 && cursor !== null; ) {
    const size = Math.min(after === undefined ? left : KEYS, withValues ? ENTRIES : KEYS);
    const query = queryOf({ ...form, prefix, limit: size, cursor });
    const page = dataOf(
      await connection.send({ method: 'GET', path: `${project}/store${query}`, repeat: 'safe' }),
    ) as Page;
    for (const key of page.keys ?? Object.keys(page.items ?? {}).sort(compareKeys)) {
      if (after !== undefined && compareKeys(key, after) <= 0) continue;
      if (left-- <= 0) return;
      yield [key, page.items?.[key]];
    }
    cursor = page.cursor;
  }
}

/** Orders keys by their UTF-8 bytes: JavaScript's order differs in surrogates, which stand for the last characters. */
function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
