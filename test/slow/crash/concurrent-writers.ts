import type { Store } from '../../../src/application/ports/store.js';
import { entry } from '../../contract/store-fixture.js';

/** The number of concurrent writers, each with keys of its own. */
export const WRITERS = 4;
/** Of how many of its last batches a writer keeps an entry. */
const KEPT = 100;

/** The number of the last batch of a writer in the store; throws if only a part of one is there. */
export async function lastBatch(store: Store, writer: number): Promise<number> {
  const numbers = (await store.getMany([`${writer}/left`, `${writer}/right`])).map((it) => it?.version ?? 0);
  const [left = 0, right = 0] = numbers;
  if (left !== right) throw new Error(`half a batch of writer ${writer}: ${left} and ${right}`);
  const traces = await store.scan({ prefix: `${writer}/trace/`, limit: 2 * KEPT });
  const expected = Array.from({ length: Math.min(left, KEPT) }, (_, i) => left - i).reverse();
  const found = traces.map((it) => it.version).sort((a, b) => a - b);
  if (`${found}` !== `${expected}`) throw new Error(`writer ${writer} is at ${left}, but has traces ${found}`);
  const torn = traces.find((it) => it.value.length !== valueFor(it.version).length);
  if (torn !== undefined) throw new Error(`a torn value: ${torn.key}`);
  return left;
}

/** Writes the batch with this number, which follows the last one. */
export async function writeBatch(store: Store, writer: number, version: number): Promise<void> {
  const more = { version, ...(version % 3 === 0 ? { expiresAt: version } : {}) };
  const keys = [`${writer}/left`, `${writer}/trace/${version}`, `${writer}/right`];
  const before = version === 1 ? undefined : version - 1;
  const done = await store.commit({
    expect: [{ key: `${writer}/left`, version: before }],
    put: keys.map((key) => entry(key, valueFor(version), more)),
    remove: [`${writer}/trace/${version - KEPT}`],
  });
  if (!done) throw new Error(`batch ${version} of writer ${writer} did not follow ${before}`);
}

/** Mostly small, sometimes large, and not always text. */
function valueFor(version: number): Uint8Array {
  return Buffer.alloc(version % 50 === 0 ? 50_000 : (version * 7) % 300, version % 2 === 0 ? 'text "\n' : 0xff);
}
