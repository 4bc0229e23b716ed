import { createSecretKey, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { contentBytes, type Entry } from '../../../../src/domain/entry.js';
import { AppError } from '../../../../src/domain/errors.js';
import { AesGcmCipher } from '../../../../src/infrastructure/security/aes-gcm-cipher.js';

const KEYS = new Map(
  ['one', 'a-key-of-16-chars', 'two'].map((id) => [id.slice(0, 16), createSecretKey(randomBytes(32))]),
);
const ENTRY: Entry = {
  key: 'a/b',
  value: Buffer.from('the plain value'),
  contentType: 'text/plain',
  version: 1_700_000_000_000_001,
  createdAt: 1,
  updatedAt: 2,
  expiresAt: 3,
};

describe('AesGcmCipher', () => {
  const cipher = cipherOf('p', 'one');

  const fresh = () => cipherOf('p', 'one');

  it('decrypts what it encrypted, whatever the size and the key', () => {
    for (const bytes of [0, 1, 15, 16, 17, 65_536, 1_000_000]) {
      for (const id of KEYS.keys()) {
        const entry = { ...ENTRY, value: randomBytes(bytes) };
        const encrypted = cipherOf('p', id).encrypt(entry);
        expect(encrypted.value.length).to.equal(bytes + cipher.overhead);
        expect({ ...fresh().decrypt(encrypted) }).to.deep.equal(entry);
        expect({ ...cipher.decrypt(encrypted) }).to.deep.equal(entry);
        expect({ ...cipher.decrypt(encrypted) }).to.deep.equal(entry);
      }
    }
  });

  it('encrypts metadata with the value, without a byte more', () => {
    for (const value of ['', '{"a":1}', ENTRY.value.toString()]) {
      const entry = { ...ENTRY, value: Buffer.from(value), meta: '{"owner":"Zoë"}' };
      const encrypted = cipher.encrypt(entry);
      expect(encrypted).not.to.have.property('meta');
      expect(encrypted.value.length).to.equal(contentBytes(entry) + cipher.overhead);
      for (const decrypting of [cipher, fresh()])
        expect({ ...decrypting.decrypt(encrypted) }).to.deep.equal({ ...entry, value: Buffer.from(value) });
    }
  });

  it('refuses metadata that was put beside an encrypted value, and a value as one without metadata', () => {
    refuses(fresh(), { ...cipher.encrypt(ENTRY), meta: '{}' });
    const { value } = cipher.encrypt({ ...ENTRY, meta: '{}' });
    const relabelled = Buffer.from(value);
    relabelled[0] = 1;
    for (const decrypting of [cipher, fresh()]) refuses(decrypting, { ...ENTRY, value: relabelled });
  });

  it('never encrypts to the same bytes twice', () => {
    const seen = new Set(Array.from({ length: 2000 }, () => Buffer.from(cipher.encrypt(ENTRY).value).toString('hex')));
    expect(seen.size).to.equal(2000);
  });

  it('refuses a value with a bit changed or bytes cut off, and does not crash', () => {
    const { value } = cipher.encrypt(ENTRY);
    refuses(cipher, { ...ENTRY, value: Buffer.from(value).fill(0, 0, 40) });
    for (let bit = 0; bit < value.length * 8; bit++) {
      const changed = Buffer.from(value);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      refuses(fresh(), { ...ENTRY, value: changed });
    }
    for (let length = 0; length < value.length; length++)
      refuses(fresh(), { ...ENTRY, value: value.subarray(0, length) });
    refuses(fresh(), { ...ENTRY, value: Buffer.concat([value, Buffer.of(0)]) });
  });

  it('refuses a value of another project, key, version, content type or expiry', () => {
    const encrypted = cipher.encrypt(ENTRY);
    const { expiresAt: _, ...forever } = encrypted;
    refuses(cipher, forever);
    refuses(fresh(), forever);
    for (const other of [{ key: 'a/c' }, { version: 5 }, { contentType: 'text/html' }, { expiresAt: 4 }]) {
      for (const decrypting of [cipher, fresh()]) refuses(decrypting, { ...encrypted, ...other });
    }
    refuses(cipher, { ...encrypted, contentType: 'text/plai', key: 'na/b' });
    refuses(cipherOf('q', 'one'), encrypted);
  });

  it('names the key that it needs and the entry that was changed', () => {
    const encrypted = cipher.encrypt(ENTRY);
    const without = new AesGcmCipher('p', { source: 'the key file K', current: 'two', keys: new Map() });
    expect(refuses(without, encrypted)).to.include("'p'").and.include('key one').and.include('the key file K');
    const changed = refuses(fresh(), { ...encrypted, version: 7 });
    expect(changed).to.include("Project 'p'").and.include("key 'a/b'").and.include('key one');
  });
});

function cipherOf(project: string, current: string): AesGcmCipher {
  return new AesGcmCipher(project, { source: 'here', current, keys: KEYS });
}

function refuses(cipher: AesGcmCipher, entry: Entry): string {
  try {
    cipher.decrypt(entry);
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return error.message;
    throw error;
  }
  throw new Error('it was decrypted');
}
