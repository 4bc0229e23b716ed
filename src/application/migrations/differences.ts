import type { EntryHead } from '../../domain/entry.js';
import { afterKey, compareKeys } from '../../domain/key.js';
import type { Store } from '../ports/store.js';

const PAGE = 1_000;

/**
 * The keys that two stores have in different versions, or only one of them has, with the size in the first one or 0.
 */
export async function* differences(
  from: Pick<Store, 'scanHeads'>,
  to: Pick<Store, 'scanHeads'>,
): AsyncGenerator<{ readonly key: string; readonly sizeBytes: number }> {
  const [left, right] = [headsOf(from), headsOf(to)];
  let [a, b] = [await left.next(), await right.next()];
  while (!(a.done && b.done)) {
    const order = a.done ? 1 : b.done ? -1 : compareKeys(a.value.key, b.value.key);
    if (order < 0 && !a.done) yield a.value;
    else if (order > 0 && !b.done) yield { key: b.value.key, sizeBytes: 0 };
    else if (!a.done && !b.done && a.value.version !== b.value.version) yield a.value;
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
  }
}

async function* headsOf(store: Pick<Store, 'scanHeads'>): AsyncGenerator<EntryHead, undefined> {
  for (let after: string | undefined; ; ) {
    const range = { limit: PAGE };
    const page = await store.scanHeads(after === undefined ? range : { ...range, start: afterKey(after) });
    yield* page;
    if (page.length < PAGE) return undefined;
    after = page.at(-1)?.key;
  }
}
