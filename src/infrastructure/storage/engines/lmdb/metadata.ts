import { CorruptFileError } from './file-header.js';

/** What stands beside the entries: how they are stored, and what `Store.size` answers. */
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

/** Throws `Damage` where it is not what `formatState` made. */
export function parseMetadata(bytes: Uint8Array): Metadata {
  let state: { format?: unknown; keys?: unknown; bytes?: unknown } | null;
  try {
    state = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new CorruptFileError('the size cannot be read');
  }
  if (state?.format !== FORMAT)
    throw new CorruptFileError(`the format is ${state?.format}, this version reads ${FORMAT}`);
  if (!Number.isSafeInteger(state.keys) || !Number.isSafeInteger(state.bytes))
    throw new CorruptFileError('the size is no number');
  return { keys: state.keys as number, bytes: state.bytes as number };
}
