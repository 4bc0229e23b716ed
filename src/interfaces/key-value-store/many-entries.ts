/**
 * Runs a task on entries with distinct keys, which a transaction needs, and returns its results by the position of all
 * entries. Of entries with the same key the last one counts.
 */
export async function onDistinctKeys<E extends { readonly key: string }, R>(
  entries: readonly E[],
  task: (distinct: readonly E[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const results = await task([...byKey.values()]);
  const resultOf = new Map([...byKey.keys()].map((key, i) => [key, results[i] as R]));
  return entries.map(({ key }) => resultOf.get(key) as R);
}

/** The most operations of a transaction, and about the most bytes of their values that are written at one moment. */
const MAX_OPERATIONS = 1000;
const MAX_BYTES = 3 * 1024 * 1024;

/** The items in parts that fit into one transaction each, in order. An item that is too large is a part of its own. */
export function* parts<I>(items: readonly I[], sizeOf: (item: I) => number): Generator<readonly I[], void> {
  let part: I[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (part.length === MAX_OPERATIONS || (part.length > 0 && bytes + size > MAX_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
