import { expect } from 'chai';
import { GenerationalCache } from '../../../src/application/generational-cache.js';

describe('GenerationalCache', () => {
  it('keeps entries in use, and never more than its capacity', () => {
    const recent = new GenerationalCache<number>(100);
    recent.set('used', -1);
    for (let i = 0; i < 10_000; i++) {
      recent.set(`key ${i}`, i);
      if (i % 20 === 0) expect(recent.get('used')).to.equal(-1);
    }
    const held = Array.from({ length: 10_000 }, (_, i) => i).filter((i) => recent.get(`key ${i}`) !== undefined);
    expect(held.length).to.be.within(20, 100);
    expect(held).to.include(9999);
    expect(held).not.to.include(0);
  });

  it('forgets a deleted entry at once, of either generation', () => {
    const recent = new GenerationalCache<number>(4);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('c', 3);
    recent.get('a');
    recent.delete('a');
    expect(recent.get('a')).to.equal(undefined);
    expect(recent.get('b')).to.equal(2);
  });
});
