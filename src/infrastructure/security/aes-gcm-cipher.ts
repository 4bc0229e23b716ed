import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';
import type { Cipher } from '../../application/ports/cipher.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { DecryptedValueCache } from './decrypted-value-cache.js';
import { KEY_ID_BYTES, type Keyring } from './keyring.js';

/**
 * A sealed value: u8 format = 1 · id of the key, padded with zeros to 16 bytes · nonce of 12 bytes · tag of 16 bytes · ciphertext.
 * All but the ciphertext has one length, so that sizes can be told without opening anything.
 */
const FORMAT = 1;
const NONCE_AT = 1 + KEY_ID_BYTES;
const TAG_AT = NONCE_AT + 12;
const TEXT_AT = TAG_AT + 16;
/** Bytes of plain values that are kept in memory. */
const REMEMBERED = 4 * 1024 * 1024;
const ALGORITHM = 'aes-256-gcm';
const TAG = { authTagLength: 16 };

/** Random bytes are fetched for this many nonces at once, which makes one ten times cheaper. */
const nonces = Buffer.alloc(12 * 256);
let nextNonce = nonces.length;

/** AES-256-GCM with a random nonce for each value. */
export class AesGcmCipher implements Cipher {
  readonly overhead = TEXT_AT;
  readonly #project: string;
  readonly #ring: Keyring;
  readonly #opened = new DecryptedValueCache(REMEMBERED);

  constructor(project: string, ring: Keyring) {
    this.#project = project;
    this.#ring = ring;
  }

  get keyId(): string {
    return this.#ring.current;
  }

  get source(): string {
    return this.#ring.source;
  }

  encrypt(entry: Entry): Entry {
    const { value } = entry;
    const sealed = Buffer.allocUnsafe(TEXT_AT + value.length).fill(0, 0, NONCE_AT);
    sealed[0] = FORMAT;
    sealed.write(this.keyId, 1, 'latin1');
    writeNonce(sealed);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.keyId), sealed.subarray(NONCE_AT, TAG_AT), TAG);
    cipher.setAAD(this.#bound(entry, sealed));
    sealed.set(cipher.update(value), TEXT_AT);
    cipher.final();
    sealed.set(cipher.getAuthTag(), TAG_AT);
    this.#opened.add(entry, sealed.subarray(0, TEXT_AT));
    return { ...entry, value: sealed };
  }

  decrypt(entry: Entry): Entry {
    const { value } = entry;
    const sealed = Buffer.from(value.buffer, value.byteOffset, value.length);
    if (sealed.length < TEXT_AT || sealed[0] !== FORMAT)
      throw this.#damaged(entry.key, 'is not encrypted as it should be');
    const known = this.#opened.find(entry, sealed.subarray(0, TEXT_AT));
    return known === undefined ? this.#decipher(entry, sealed) : { ...entry, value: known.value };
  }

  #decipher(entry: Entry, sealed: Buffer): Entry {
    const end = sealed.indexOf(0, 1);
    const keyId = sealed.toString('latin1', 1, end < 0 ? NONCE_AT : Math.min(end, NONCE_AT));
    const decipher = createDecipheriv(ALGORITHM, this.#key(keyId), sealed.subarray(NONCE_AT, TAG_AT), TAG);
    decipher.setAAD(this.#bound(entry, sealed));
    decipher.setAuthTag(sealed.subarray(TAG_AT, TEXT_AT));
    const plain = decipher.update(sealed.subarray(TEXT_AT));
    try {
      decipher.final();
    } catch (cause) {
      throw this.#damaged(entry.key, `does not authenticate with the encryption key ${keyId}`, cause);
    }
    const opened = { ...entry, value: plain };
    this.#opened.add(opened, sealed.subarray(0, TEXT_AT));
    return opened;
  }

  #key(id: string): KeyObject {
    const key = this.#ring.keys.get(id);
    if (key !== undefined) return key;
    const message = `Project '${this.#project}' needs the encryption key ${id}, which ${this.#ring.source} does not hold`;
    throw new AppError('unavailable', message, { details: { encryption_key: id } });
  }

  /** No two entries give the same bytes: what comes before the key has a fixed length, no line break, or its length before it. */
  #bound({ key, version, contentType, expiresAt }: Entry, sealed: Buffer): Buffer {
    const head = `${sealed.toString('latin1', 0, NONCE_AT)}${this.#project}\n${version}\n${expiresAt ?? ''}\n${contentType.length}\n`;
    return Buffer.from(head + contentType + key);
  }

  #damaged(key: string, what: string, cause?: unknown): AppError {
    const message = `Project '${this.#project}': the stored value of key '${key}' ${what}; it was changed or damaged`;
    return new AppError('unavailable', message, { cause });
  }
}

function writeNonce(sealed: Buffer): void {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces);
    nextNonce = 0;
  }
  sealed.set(nonces.subarray(nextNonce, nextNonce + 12), NONCE_AT);
  nextNonce += 12;
}
