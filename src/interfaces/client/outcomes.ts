import type { EncodedValue } from '../key-value-store/value-codec.js';
import type { PutValue, Stored, WriteAs } from '../key-value-store/values.js';
import { PortkvError } from './http/portkv-error.js';

/** Undefined if the entry does not exist. A project that does not exist is an error. */
export async function ifExists<R>(response: Promise<R>): Promise<R | undefined> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof PortkvError && error.code === 'not_found' && error.message.startsWith("Key '")) {
      return undefined;
    }
    throw error;
  }
}

/** 0 for a project that hides its keys. */
export function ifHidden(error: unknown): number {
  if (error instanceof PortkvError && error.code === 'forbidden') return 0;
  throw error;
}

export function isUnknown(error: unknown): boolean {
  return error instanceof PortkvError && error.code === 'outcome_unknown';
}

/**
 * Whether an entry is certainly as a put of unknown outcome would have left it. With `ttl` that cannot be seen: an
 * entry that was put before expires earlier, by how much is not known.
 */
export function isSame(
  { value, contentType, expiresAt, meta }: Stored<Uint8Array>,
  put: EncodedValue,
  options: PutValue<WriteAs>,
): boolean {
  if (options.ttl !== undefined || options.expiresAt?.getTime() !== expiresAt?.getTime()) return false;
  if (meta !== undefined || options.meta !== undefined) return false;
  if (contentType !== put.contentType || value.length !== put.value.length) return false;
  return value.every((byte, i) => byte === put.value[i]);
}
