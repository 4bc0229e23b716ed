import { entryBytes } from '../../../../../domain/entry.js';
import type { KeyWrite } from '../../../building-blocks/write-group.js';
import { CorruptFileError } from '../pages/file-header.js';

/** What is stored beside the entries: their format, number and size, and which part of the journal they contain. */
export interface Metadata {
  readonly keys: number;
  readonly bytes: number;
  /** Whether an entry with metadata was ever stored: a PortKV that knows none must refuse the file. */
  readonly hasMeta: boolean;
  /**
   * The number of the last frame of the journal that the entries contain; undefined in a file of a PortKV that kept no
   * journal. Such a PortKV must refuse a file that has one.
   */
  readonly sequence?: number | undefined;
}

/** The one key of the database `meta`. */
export const METADATA_KEY = 'state';
const PLAIN_FORMAT = 1;
const META_FORMAT = 2;
/** The same two with a journal. */
const JOURNAL_FORMATS = 2;
const FORMATS: readonly unknown[] = [1, 2, 3, 4];

export function formatMetadata({ keys, bytes, hasMeta, sequence }: Metadata): Buffer {
  const format = (hasMeta ? META_FORMAT : PLAIN_FORMAT) + (sequence === undefined ? 0 : JOURNAL_FORMATS);
  return Buffer.from(JSON.stringify({ format, keys, bytes, sequence }));
}

/** Throws `CorruptFileError` if it was not made by `formatMetadata`. */
export function parseMetadata(stored: Uint8Array): Metadata {
  let metadata: { format?: unknown; keys?: unknown; bytes?: unknown; sequence?: unknown } | null;
  try {
    metadata = JSON.parse(Buffer.from(stored).toString());
  } catch {
    throw new CorruptFileError('the size cannot be read');
  }
  const format = metadata?.format;
  if (metadata === null || !FORMATS.includes(format))
    throw new CorruptFileError(`the format is ${format}, this version reads 1 to 4`);
  const { keys, bytes, sequence } = metadata;
  const hasJournal = (format as number) > JOURNAL_FORMATS;
  if (!Number.isSafeInteger(keys) || !Number.isSafeInteger(bytes)) throw new CorruptFileError('the size is no number');
  if (hasJournal && !Number.isSafeInteger(sequence))
    throw new CorruptFileError('the place in the journal is no number');
  const size = { keys: keys as number, bytes: bytes as number, hasMeta: (format as number) % 2 === 0 };
  return hasJournal ? { ...size, sequence: sequence as number } : size;
}

/** What is stored after these writes. */
export function metadataAfter(metadata: Metadata, writes: readonly KeyWrite[]): Metadata {
  let { keys, bytes, hasMeta, sequence } = metadata;
  for (const { before, entry } of writes) {
    keys += (entry === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    bytes += (entry === undefined ? 0 : entryBytes(entry)) - (before?.bytes ?? 0);
    hasMeta ||= entry?.meta !== undefined;
  }
  return { keys, bytes, hasMeta, sequence };
}
