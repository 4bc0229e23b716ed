import { expect } from 'chai';
import fc from 'fast-check';
import { formatVersion, nextVersion, parseVersion } from '../../../src/domain/version.js';

const versions = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('The next version', () => {
  it('is the time in microseconds', () => {
    expect(nextVersion(0, 1_800_000_000_000)).to.equal(1_800_000_000_000_000);
    expect(nextVersion(5, 1_800_000_000_000.75)).to.equal(1_800_000_000_000_750);
  });

  it('is above the last one, also within a microsecond and if the clock is set back', () => {
    const last = 1_800_000_000_000_000;
    expect(nextVersion(last, 1_800_000_000_000)).to.equal(last + 1);
    expect(nextVersion(last, 1_700_000_000_000)).to.equal(last + 1);
    expect(nextVersion(last, 0)).to.equal(last + 1);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 52 }),
        fc.double({ min: 0, max: 4e12, noNaN: true }),
        (before, now) => {
          expect(nextVersion(before, now)).to.be.above(before);
        },
      ),
    );
  });
});

describe('A version as text', () => {
  it('is its number in base 36', () => {
    const halves = [36 ** 6 - 1, 36 ** 6, 36 ** 6 + 1, 2 * 36 ** 6, 36 ** 7];
    for (const version of [0, 1, 35, 36, ...halves, 1_800_000_000_000_000, Number.MAX_SAFE_INTEGER]) {
      expect(formatVersion(version)).to.equal(version.toString(36));
    }
    fc.assert(
      fc.property(versions, (version) => {
        expect(formatVersion(version)).to.equal(version.toString(36));
      }),
    );
  });

  it('is read again as the same number', () => {
    fc.assert(
      fc.property(versions, (version) => {
        expect(parseVersion(formatVersion(version))).to.equal(version);
      }),
    );
  });

  it('is nothing else', () => {
    for (const text of ['', ' ', '-1', '+1', '1.5', 'ABC', 'a b', 'ä', 'zzzzzzzzzzzz', 'zzzzzzzzzzz', '1\n']) {
      expect(parseVersion(text), JSON.stringify(text)).to.equal(undefined);
    }
  });
});
