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
    expect([recent.delete('b'), recent.delete('b')]).to.deep.equal([true, false]);
  });

  it('never holds more than its capacity of what values weigh, also after replacing and deleting some', () => {
    const recent = new GenerationalCache<string>(1000, { weigh: (value, key) => value.length + key.length });
    const weightHeld = () => {
      const held = Array.from({ length: 50 }, (_, i) => `k${i % 50}`).filter((key) => recent.get(key) !== undefined);
      return held.reduce((sum, key) => sum + key.length + (recent.get(key) ?? '').length, 0);
    };
    for (let i = 0; i < 500; i++) {
      recent.set(`k${(i * 7) % 50}`, 'x'.repeat((i * 31) % 90));
      if (i % 3 === 0) recent.delete(`k${(i * 5) % 50}`);
      if (i % 50 === 49) expect(weightHeld()).to.be.at.most(1000);
    }
    for (let i = 0; i < 5; i++) recent.set('same', 'x'.repeat(400));
    recent.set('other', 'x'.repeat(50));
    expect([recent.get('same')?.length, recent.get('other')?.length]).to.deep.equal([400, 50]);
  });

  it('keeps no value that is too heavy, nor what it replaced', () => {
    const recent = new GenerationalCache<string>(1000, { weigh: (value) => value.length, heaviest: 100 });
    recent.set('a', 'x'.repeat(100));
    expect(recent.get('a')).to.have.length(100);
    recent.set('a', 'x'.repeat(101));
    expect(recent.get('a')).to.equal(undefined);
  });
});
