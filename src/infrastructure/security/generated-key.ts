import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const SHAPE = /^pkv_([a-z2-7]{8})_[A-Za-z0-9_-]{49}$/;
const CHECKSUM_LENGTH = 6;

/**
 * A generated key is `pkv_<id>_<random><checksum>`, 62 characters:
 * - an id of 8 characters of lower-case base32 (a-z, 2-7), which is not secret and names the key in lists and logs;
 * - 256 random bits as 43 characters of base64url;
 * - the CRC-32 of everything before it, big-endian, as 6 characters of base64url, so that a key that was cut off or
 *   mistyped is refused without hashing it.
 */
export function generateKey(keyId = newId()): { readonly keyId: string; readonly secret: string } {
  const body = `pkv_${keyId}_${randomBytes(32).toString('base64url')}`;
  return { keyId, secret: body + checksum(body) };
}

/** The id inside a generated key whose checksum is right, else undefined. Does not prove that the secret is valid. */
export function generatedKeyId(secret: string): string | undefined {
  const keyId = SHAPE.exec(secret)?.[1];
  if (keyId === undefined) return undefined;
  const body = secret.slice(0, -CHECKSUM_LENGTH);
  return checksum(body) === secret.slice(-CHECKSUM_LENGTH) ? keyId : undefined;
}

function newId(): string {
  return Array.from(randomBytes(8), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64url');
}
