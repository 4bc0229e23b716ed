import { CorruptFileError } from './pages/file-header.js';

/** What is stored beside the entries: their format, and what `Store.size` returns. */
export interface Metadata {
  readonly keys: number;
  readonly bytes: number;
  /** Whether an entry with metadata was ever stored: a PortKV that knows none must refuse the file. */
  readonly hasMeta: boolean;
}

/** The one key of the database `meta`. */
export const METADATA_KEY = 'state';
const PLAIN_FORMAT = 1;
const META_FORMAT = 2;

export function formatMetadata({ keys, bytes, hasMeta }: Metadata): Buffer {
  return Buffer.from(JSON.stringify({ format: hasMeta ? META_FORMAT : PLAIN_FORMAT, keys, bytes }));
}

/** Throws `CorruptFileError` if it was not made by `formatMetadata`. */
export function parseMetadata(bytes: Uint8Array): Metadata {
  let metadata: { format?: unknown; keys?: unknown; bytes?: unknown } | null;
  try {
    metadata = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new CorruptFileError('the size cannot be read');
  }
  const format = metadata?.format;
  if (metadata === null || (format !== PLAIN_FORMAT && format !== META_FORMAT))
    throw new CorruptFileError(`the format is ${format}, this version reads ${PLAIN_FORMAT} and ${META_FORMAT}`);
  if (!Number.isSafeInteger(metadata.keys) || !Number.isSafeInteger(metadata.bytes))
    throw new CorruptFileError('the size is no number');
  return { keys: metadata.keys as number, bytes: metadata.bytes as number, hasMeta: format === META_FORMAT };
}
