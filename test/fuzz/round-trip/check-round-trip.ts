import { inspect } from 'node:util';
import fc from 'fast-check';
import { anyEntry, PLAIN_ENTRIES } from '../generators/any-entry.js';
import type { KeptEntry, Passage, Reader, ShownEntry, Writer } from './kept-entry.js';

const MOST_SHOWN = 5;
const FEW = 5;

/** The table: every way in, what happens in between, and every way out. */
export interface Ways<W> {
  readonly writers: readonly Writer<W>[];
  readonly passages: readonly Passage<W>[];
  readonly readers: readonly Reader<W>[];
}

/** Entries, each with the way in, in the order in which they are written. */
export interface RoundTrip<W> {
  readonly written: readonly { readonly writer: Writer<W>; readonly entry: KeptEntry }[];
  readonly passage: Passage<W>;
}

export function roundTrips<W>({ writers, passages }: Ways<W>): fc.Arbitrary<RoundTrip<W>> {
  const write = fc.record({ writer: fc.constantFrom(...writers), entry: anyEntry });
  const written = fc.array(write, { minLength: 1, maxLength: 40, size: 'max' });
  return fc.record({ written, passage: fc.constantFrom(...passages) }).map(shortly);
}

/** Adds how it is printed: a failure names what it is about. */
function shortly<W>(trip: RoundTrip<W>): RoundTrip<W> {
  const text = `${trip.written.length} entries, then ${trip.passage.name}`;
  return { ...trip, [fc.toStringMethod]: () => text } as RoundTrip<W>;
}

/** A trip by every writer with a plain entry, and one through each passage. */
export function plainTrips<W>({ writers, passages }: Ways<W>): readonly RoundTrip<W>[] {
  const written = writers.flatMap((writer, i) => {
    const entry = PLAIN_ENTRIES.find((it) => writer.keeps(it) !== undefined);
    return entry === undefined ? [] : [{ writer, entry: { ...entry, key: `${entry.key}_${i}` } }];
  });
  // One trip has room for all writers; each more takes seconds.
  return passages.map((passage, i) => shortly({ written: i === 0 ? written : written.slice(0, FEW), passage }));
}

/** Which rows were used, by name and how often. */
export class UsedRows {
  readonly #counts = new Map<string, number>();

  add({ name }: { readonly name: string }, times = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  missing(rows: readonly { readonly name: string }[]): string[] {
    return rows.map(({ name }) => name).filter((name) => !this.#counts.has(name));
  }
}

/** Writes the entries to an empty store, reads them in every way, and rejects if one comes back as something else. */
export async function roundTrip<W>(
  world: W,
  { written, passage }: RoundTrip<W>,
  { readers }: Ways<W>,
  used: UsedRows,
): Promise<void> {
  const kept = new Map<string, { readonly writer: string; readonly entry: KeptEntry }>();
  for (const { writer, entry } of written) {
    const promised = writer.keeps(entry);
    if (promised === undefined) continue;
    await naming(writer.name, promised, () => writer.write(world, entry));
    used.add(writer);
    kept.set(entry.key, { writer: writer.name, entry: promised });
  }
  await passage.pass(world);
  used.add(passage);
  const mistakes: object[] = [];
  const entries = [...kept.values()];
  const destroying = readers.filter(({ destroys }) => destroys);
  for (const reader of [...readers.filter(({ destroys }) => !destroys), ...destroying]) {
    if (reader.onlyWrites && passage.name !== 'nothing') continue;
    const turn = destroying.indexOf(reader);
    const taken = entries
      .filter(({ entry }, i) => (turn < 0 || i % destroying.length === turn) && (reader.takes?.(entry) ?? true))
      .slice(0, reader.most);
    if (taken.length === 0) continue;
    const shown = await naming(reader.name, taken[0]?.entry, () =>
      reader.read(
        world,
        taken.map(({ entry }) => entry.key),
      ),
    );
    used.add(reader, taken.length);
    for (const { writer, entry } of taken) {
      const wrong = differences(entry, shown.get(entry.key), reader);
      if (wrong !== undefined)
        mistakes.push({ writer, passage: passage.name, reader: reader.name, key: entry.key, ...wrong });
    }
  }
  if (mistakes.length === 0) return;
  const first = inspect(mistakes.slice(0, MOST_SHOWN), { depth: 3, maxStringLength: 300 });
  throw new Error(`${mistakes.length} of what came back is not as it was kept: ${first}`);
}

function differences(entry: KeptEntry, shown: ShownEntry | undefined, { shows }: Reader<never>): object | undefined {
  if (shown === undefined) return { missing: true };
  const wrong = shows.flatMap((member): [string, unknown][] => {
    if (member === 'value') {
      const same = shown.value?.some((value) => entry.value.equals(value));
      return same ? [] : [['value', [textOf(entry.value), ...(shown.value ?? []).map(textOf)]]];
    }
    if (member === 'expiresAt' && entry.expiresAt === 'some') {
      return shown.expiresAt === undefined ? [['expiresAt', ['some', undefined]]] : [];
    }
    return entry[member] === shown[member] ? [] : [[member, [entry[member], shown[member]]]];
  });
  return wrong.length === 0 ? undefined : Object.fromEntries(wrong);
}

/** Text as it is, other bytes by their digits. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : bytes.toString('hex');
}

async function naming<R>(name: string, entry: KeptEntry | undefined, task: () => Promise<R>): Promise<R> {
  try {
    return await task();
  } catch (error) {
    const of = entry && JSON.stringify({ ...entry, value: textOf(entry.value) });
    throw new Error(`${name} failed with ${of}: ${(error as Error).stack}`, { cause: error });
  }
}
