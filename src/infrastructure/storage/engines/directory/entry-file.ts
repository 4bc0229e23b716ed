import type { Entry } from '../../../../domain/entry.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { MalformedDataError } from '../../building-blocks/storage-errors.js';

/** How far a time of change may be from the version that it was set from, in microseconds: what rounding does. */
const TOLERANCE = 4;

/** The content of an entry's file: a store file of the engine json-file, with this one entry. */
export function entryText(entry: Entry): string {
  return `{\n${itemText(entry, false)}\n}\n`;
}

/** The time of change that a file of ours is given, in seconds: its version, so that a change by any other program shows. */
export function changeTime({ version }: Entry): number {
  return version / 1_000_000;
}

/**
 * The entry in a file, last changed at `changed` (ns). One that another program wrote has the time of change as its version, the same for all
 * who look. Throws `Misshapen`.
 */
export function readEntry(bytes: Buffer, changed: bigint): Entry {
  const found: Entry[] = [];
  const time = Math.max(1, Number(changed / 1000n));
  const scanner = new StoreScanner(
    (_, entry) => entry !== undefined && found.push(entry),
    false,
    Math.floor(time / 1000),
  );
  const taken = scanner.scan(bytes);
  if (taken < bytes.length || !scanner.ended) throw new MalformedDataError('is cut off or no JSON', taken);
  const [entry] = found;
  if (entry === undefined || found.length > 1)
    throw new MalformedDataError(`holds ${found.length} entries instead of one`, 0);
  if (Math.abs(time - entry.version) <= TOLERANCE) return entry;
  return { ...entry, version: time, updatedAt: Math.floor(time / 1000) };
}
