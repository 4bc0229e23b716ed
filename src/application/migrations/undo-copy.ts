import type { Entry } from '../../domain/entry.js';
import type { Store } from '../ports/store.js';
import { inParts } from '../stores/in-parts.js';
import { pagesOf } from '../stores/store-pages.js';

const PAGE = { limit: 200, bytes: 4 * 1024 * 1024 };

/**
 * Removes from a copy that failed the entries that are still as they were copied; what other programs wrote there
 * stays.
 */
export async function undoCopy(copy: Store, source: Store): Promise<void> {
  for await (const page of pagesOf(copy, PAGE)) {
    const inSource = await source.getMany(page.map(({ key }) => key));
    const copied = page.filter(({ version }, i) => inSource[i]?.version === version);
    await inParts(copied, async (part) => {
      if (!(await remove(copy, part))) for (const one of part) await remove(copy, [one]);
    });
  }
}

async function remove(copy: Store, entries: readonly Entry[]): Promise<boolean> {
  const expect = entries.map(({ key, version }) => ({ key, version }));
  return copy.commit({ expect, remove: entries.map(({ key }) => key) });
}
