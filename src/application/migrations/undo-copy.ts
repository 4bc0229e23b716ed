import type { Entry } from '../../domain/entry.js';
import { isLast } from '../keyspace/is-last.js';
import type { Store } from '../ports/store.js';

const PAGE = { limit: 200, bytes: 4 * 1024 * 1024 };

/**
 * Removes from a failed copy the entries that are as they were copied; what other programs put there meanwhile stays.
 */
export async function undoCopy(copy: Store, source: Store): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const page = await copy.scan({ ...PAGE, ...(after === undefined ? {} : { after }) });
    const there = await source.getMany(page.map(({ key }) => key));
    const own = page.filter(({ version }, i) => there[i]?.version === version);
    if (!(await remove(copy, own))) for (const one of own) await remove(copy, [one]);
    if (isLast(page, PAGE)) return;
    after = page[page.length - 1]?.key;
  }
}

async function remove(copy: Store, entries: readonly Entry[]): Promise<boolean> {
  const expect = entries.map(({ key, version }) => ({ key, version }));
  return copy.commit({ expect, remove: entries.map(({ key }) => key) });
}
