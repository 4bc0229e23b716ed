import { expect } from 'chai';
import { RowCache } from '../../../../../../../src/infrastructure/storage/engines/lmdb/entries/row-cache.js';

const CAPACITY = 400_000;

function row(version: number, bytes = 100) {
  return { value: 'x'.repeat(bytes), contentType: 't', version, createdAt: 1, updatedAt: 1, expiresAt: undefined };
}

describe('RowCache', () => {
  it('keeps what is in use, and forgets what is not, within its capacity', () => {
    const rows = new RowCache(CAPACITY);
    for (let i = 0; i < 10_000; i++) {
      rows.set(`key-${i}`, row(i));
      rows.get('key-0');
    }
    const kept = Array.from({ length: 10_000 }, (_, i) => rows.get(`key-${i}`)?.version).filter(
      (it) => it !== undefined,
    );
    expect(kept).to.include(0);
    expect(kept).to.include(9_999);
    expect(kept).to.not.include(5_000);
    expect(kept.length).to.be.within(400, CAPACITY / 400);
  });

  it('returns what was set last, and nothing of what was deleted', () => {
    const rows = new RowCache(CAPACITY);
    rows.set('key', row(1));
    rows.set('key', row(2));
    expect(rows.get('key')?.version).to.equal(2);
    rows.delete('key');
    expect(rows.get('key')).to.equal(undefined);
  });

  it('keeps no row that would drive out many others, nor what it replaced', () => {
    const rows = new RowCache(CAPACITY);
    rows.set('key', row(1));
    rows.delete('key');
    rows.set('key', row(2, 100_000));
    expect(rows.get('key')).to.equal(undefined);
  });
});
