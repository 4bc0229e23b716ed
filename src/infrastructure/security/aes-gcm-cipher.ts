import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';
import type { Cipher } from '../../application/ports/cipher.js';
import { contentBytes, type Entry, entryOf } from '../../domain/entry.js';
import { AppError, DamagedDataError } from '../../domain/errors.js';
import { skipJson } from '../../domain/json/bytes.js';
import { MAX_JSON_DEPTH } from '../../domain/limits.js';
import { DecryptedValueCache } from './decrypted-value-cache.js';
import { KEY_ID_BYTES, type Keyring } from './keyring.js';

/**
 * An encrypted value: u8 format · id of the key, padded with zeros to 16 bytes · nonce of 12 bytes · tag of 16 bytes ·
 * ciphertext. Everything before the ciphertext has a fixed length, so that the size of a value is known without
 * decrypting it. In format 2 the plain text is the metadata and then the value: where its JSON object ends, the value
 * begins.
 */
const PLAIN_FORMAT = 1;
const META_FORMAT = 2;
const NONCE_AT = 1 + KEY_ID_BYTES;
const TAG_AT = NONCE_AT + 12;
const TEXT_AT = TAG_AT + 16;
/** Bytes of plain values that are cached. */
const CACHE_BYTES = 4 * 1024 * 1024;
const ALGORITHM = 'aes-256-gcm';
const TAG = { authTagLength: 16 };

/** Random bytes for 256 nonces at once, which makes each ten times cheaper. */
const nonces = Buffer.alloc(12 * 256);
let nextNonce = nonces.length;

/** What encrypted values begin with, as bytes and as text. */
interface Header {
  readonly bytes: Buffer;
  readonly text: string;
}

/** AES-256-GCM with a random nonce for each value. */
export class AesGcmCipher implements Cipher {
  readonly overhead = TEXT_AT;
  readonly #project: string;
  readonly #ring: Keyring;
  readonly #cache = new DecryptedValueCache(CACHE_BYTES);
  /** Of what the current key encrypts. */
  readonly #plainHeader: Header;
  readonly #metaHeader: Header;

  constructor(project: string, ring: Keyring) {
    this.#project = project;
    this.#ring = ring;
    this.#plainHeader = headerOf(PLAIN_FORMAT, ring.current);
    this.#metaHeader = headerOf(META_FORMAT, ring.current);
  }

  get keyId(): string {
    return this.#ring.current;
  }

  get source(): string {
    return this.#ring.source;
  }

  encrypt(entry: Entry): Entry {
    const { value, meta } = entry;
    const header = meta === undefined ? this.#plainHeader : this.#metaHeader;
    const encrypted = Buffer.allocUnsafe(TEXT_AT + contentBytes(entry));
    const nonce = takeNonce();
    encrypted.set(header.bytes);
    encrypted.set(nonce, NONCE_AT);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.keyId), nonce, TAG);
    cipher.setAAD(this.#authenticatedData(entry, header.text));
    if (meta !== undefined) encrypted.set(cipher.update(meta, 'utf8'), TEXT_AT);
    encrypted.set(cipher.update(value), encrypted.length - value.length);
    cipher.final();
    encrypted.set(cipher.getAuthTag(), TAG_AT);
    this.#cache.add(entry, encrypted.subarray(0, TEXT_AT));
    return withContent(entry, encrypted, undefined);
  }

  decrypt(entry: Entry): Entry {
    const { value } = entry;
    const encrypted = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length);
    if (encrypted.length < TEXT_AT || (encrypted[0] !== PLAIN_FORMAT && encrypted[0] !== META_FORMAT))
      throw this.#damaged(entry.key, 'is not in the format of encrypted values');
    if (entry.meta !== undefined) throw this.#damaged(entry.key, 'has metadata that is not encrypted');
    const cached = this.#cache.find(entry, encrypted);
    return cached === undefined ? this.#decipher(entry, encrypted) : withContent(entry, cached.value, cached.meta);
  }

  #decipher(entry: Entry, encrypted: Buffer): Entry {
    const end = encrypted.indexOf(0, 1);
    const keyId = encrypted.toString('latin1', 1, end < 0 ? NONCE_AT : Math.min(end, NONCE_AT));
    const decipher = createDecipheriv(ALGORITHM, this.#key(keyId), encrypted.subarray(NONCE_AT, TAG_AT), TAG);
    decipher.setAAD(this.#authenticatedData(entry, encrypted.toString('latin1', 0, NONCE_AT)));
    decipher.setAuthTag(encrypted.subarray(TAG_AT, TEXT_AT));
    const plain = decipher.update(encrypted.subarray(TEXT_AT));
    try {
      decipher.final();
    } catch (cause) {
      throw this.#damaged(entry.key, `does not authenticate with the encryption key ${keyId}`, cause);
    }
    const decrypted = encrypted[0] === PLAIN_FORMAT ? withContent(entry, plain, undefined) : withMeta(entry, plain);
    this.#cache.add(decrypted, encrypted.subarray(0, TEXT_AT));
    return decrypted;
  }

  #key(id: string): KeyObject {
    const key = this.#ring.keys.get(id);
    if (key !== undefined) return key;
    const { source } = this.#ring;
    const message = `Project '${this.#project}' needs the encryption key ${id}, which ${source} does not hold`;
    throw new AppError('unavailable', message, { details: { encryption_key: id } });
  }

  /**
   * The data that the tag authenticates beside the ciphertext. No two entries have the same: each part before the key
   * has a fixed length, ends at a line break that it cannot contain, or has its length before it.
   */
  #authenticatedData({ key, version, contentType, expiresAt }: Entry, header: string): Buffer {
    const lines = `${this.#project}\n${version}\n${expiresAt ?? ''}\n${contentType.length}\n`;
    return Buffer.from(header + lines + contentType + key);
  }

  #damaged(key: string, why: string, cause?: unknown): AppError {
    const message = `Project '${this.#project}': the stored value of key '${key}' ${why}; it was changed or damaged`;
    return new DamagedDataError(message, { cause });
  }
}

/** The entry with another value and other metadata. */
function withContent(entry: Entry, value: Uint8Array, meta: string | undefined): Entry {
  const { key, contentType, version, createdAt, updatedAt, expiresAt } = entry;
  return entryOf({ key, value, contentType, version, createdAt, updatedAt, expiresAt, meta });
}

function withMeta(entry: Entry, plain: Buffer): Entry {
  const end = skipJson(plain, 0, MAX_JSON_DEPTH);
  return withContent(entry, plain.subarray(end), plain.toString('utf8', 0, end));
}

function headerOf(format: number, keyId: string): Header {
  const bytes = Buffer.alloc(NONCE_AT);
  bytes[0] = format;
  bytes.write(keyId, 1, 'latin1');
  return { bytes, text: bytes.toString('latin1') };
}

/** A nonce that was not used before; good until the next call. */
function takeNonce(): Buffer {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces);
    nextNonce = 0;
  }
  nextNonce += 12;
  return nonces.subarray(nextNonce - 12, nextNonce);
}
