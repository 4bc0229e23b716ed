import { Damage } from './file-header.js';

/** What stands beside the entries: how they are stored, and what `Store.size` answers. */
export interface State {
  readonly keys: number;
  readonly bytes: number;
}

/** The one key of the database `meta`. */
export const STATE_KEY = 'state';
const FORMAT = 1;

export function formatState({ keys, bytes }: State): Buffer {
  return Buffer.from(JSON.stringify({ format: FORMAT, keys, bytes }));
}

/** Throws `Damage` where it is not what `formatState` made. */
export function parseState(bytes: Uint8Array): State {
  let state: { format?: unknown; keys?: unknown; bytes?: unknown } | null;
  try {
    state = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new Damage('the size cannot be read');
  }
  if (state?.format !== FORMAT) throw new Damage(`the format is ${state?.format}, this version reads ${FORMAT}`);
  if (!Number.isSafeInteger(state.keys) || !Number.isSafeInteger(state.bytes))
    throw new Damage('the size is no number');
  return { keys: state.keys as number, bytes: state.bytes as number };
}
