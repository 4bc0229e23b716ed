import { expect } from 'chai';
import { DecryptedValueCache } from '../../../../src/infrastructure/security/decrypted-value-cache.js';

describe('DecryptedValueCache', () => {
  const entryOf = (key: string, bytes = 0) => {
    return { key, value: new Uint8Array(bytes), contentType: 'a/b', version: 1, createdAt: 1, updatedAt: 1 };
  };
  const head = Buffer.from('head');

  it('keeps what is used, and never more than its capacity', () => {
    const opened = new DecryptedValueCache(100_000);
    opened.add(entryOf('used'), head);
    for (let i = 0; i < 2000; i++) {
      opened.add(entryOf(`k${i}`, 500), head);
      if (i % 10 === 0) expect(opened.find(entryOf('used'), head)).not.to.equal(undefined);
    }
    const held = Array.from({ length: 2000 }, (_, i) => i).filter((i) => opened.find(entryOf(`k${i}`), head));
    expect(held.length).to.be.within(20, 100);
    expect(held).to.include(1999);
  });

  it('keeps no large value, nor what stood there before', () => {
    const opened = new DecryptedValueCache(100_000);
    opened.add(entryOf('a'), head);
    opened.add(entryOf('a', 90_000), head);
    expect(opened.find(entryOf('a'), head)).to.equal(undefined);
  });

  it('finds exactly what was added', () => {
    const opened = new DecryptedValueCache(100_000);
    const entry = entryOf('a', 3);
    opened.add(entry, head);
    expect(opened.find(entryOf('a'), head)).to.equal(entry);
    for (const other of [{ key: 'b' }, { version: 2 }, { contentType: 'b/a' }, { expiresAt: 1 }]) {
      expect(opened.find({ ...entry, ...other }, head)).to.equal(undefined);
    }
    expect(opened.find(entry, Buffer.from('heap'))).to.equal(undefined);
  });
});
