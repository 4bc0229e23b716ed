import type { KeyValueStore } from '../key-value-store/key-value-store.js';

/** The most operations of a transaction. */
const MOST = 1000;

/** Whether each entry exists, by position: as of one moment for up to 1,000 keys. */
export async function hasMany(store: KeyValueStore, keys: readonly string[]): Promise<boolean[]> {
  const distinct = [...new Set(keys)];
  const existing = new Set<string>();
  for (let i = 0; i < distinct.length; i += MOST) {
    const part = distinct.slice(i, i + MOST);
    const heads = await store.transaction(part.map((key) => ({ head: { key } })));
    for (const [at, head] of heads.entries()) if (head !== undefined) existing.add(part[at] as string);
  }
  return keys.map((key) => existing.has(key));
}
