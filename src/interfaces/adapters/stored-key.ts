const MAX_KEY_BYTES = 512;
const HASHED = /~[0-9a-f]{64}$/;
const HASH_LENGTH = 65;
const MAX_META_BYTES = 1024;

const encoder = new TextEncoder();

/** The key under which an adapter stores a name. */
export interface StoredKey {
  readonly key: string;
  /** Names it in the metadata if `key` does not, and if it is not too long for that. */
  readonly meta?: { readonly name: string };
}

/**
 * Keeps a name as it is, after the prefix. Of one that is too long it keeps what fits, and a hash of all of it; so too
 * of a name that ends like that, so that no two names have the same key.
 */
export async function storedKey(prefix: string, name: string): Promise<StoredKey> {
  const key = prefix + name;
  // What is no Unicode is left to the store, which refuses it.
  if ((sizeOf(key) <= MAX_KEY_BYTES && !HASHED.test(name)) || !name.isWellFormed()) return { key };
  const room = Math.max(0, MAX_KEY_BYTES - sizeOf(prefix) - HASH_LENGTH);
  const { read } = encoder.encodeInto(name, new Uint8Array(room));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(name)));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const meta = { name };
  const isSmall = sizeOf(JSON.stringify(meta)) <= MAX_META_BYTES;
  return { key: `${prefix}${name.slice(0, read)}~${hash}`, ...(isSmall && { meta }) };
}

/** The name that was stored under a key; undefined if it was too long. */
export function nameOf(prefix: string, key: string, meta: { readonly name?: unknown } | undefined): string | undefined {
  const name = key.slice(prefix.length);
  if (!HASHED.test(name)) return name;
  return typeof meta?.name === 'string' ? meta.name : undefined;
}

function sizeOf(text: string): number {
  return encoder.encode(text).length;
}
