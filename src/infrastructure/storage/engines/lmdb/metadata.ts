import { CorruptFileError } from './pages/file-header.js';

/** What is stored beside the entries: their format, and what `Store.size` returns. */
export interface Metadata {
  readonly keys: number;
  readonly bytes: number;
}

/** The one key of the database `meta`. */
export const METADATA_KEY = 'state';
const FORMAT = 1;

export function formatMetadata({ keys, bytes }: Metadata): Buffer {
  return Buffer.from(JSON.stringify({ format: FORMAT, keys, bytes }));
}

/** Throws `CorruptFileError` if it was not made by `formatMetadata`. */
export function parseMetadata(bytes: Uint8Array): Metadata {
  let metadata: { format?: unknown; keys?: unknown; bytes?: unknown } | null;
  try {
    metadata = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new CorruptFileError('the size cannot be read');
  }
  if (metadata?.format !== FORMAT)
    throw new CorruptFileError(`the format is ${metadata?.format}, this version reads ${FORMAT}`);
  if (!Number.isSafeInteger(metadata.keys) || !Number.isSafeInteger(metadata.bytes))
    throw new CorruptFileError('the size is no number');
  return { keys: metadata.keys as number, bytes: metadata.bytes as number };
}
