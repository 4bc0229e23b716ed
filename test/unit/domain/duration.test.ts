import { expect } from 'chai';
import { durationOf } from '../../../src/domain/duration.js';

describe('A duration', () => {
  it('is a whole number of seconds, minutes, hours, days or weeks', () => {
    const durations = { '0s': 0, '1s': 1000, '30s': 30_000, '15m': 900_000, '6h': 21_600_000, '7d': 604_800_000 };
    for (const [text, ms] of Object.entries(durations)) expect(durationOf(text), text).to.equal(ms);
    expect(durationOf('2w')).to.equal(2 * durations['7d']);
    expect(durationOf('999999w')).to.equal(999_999 * durations['7d']);
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      's',
      '1',
      '1.5h',
      '-1s',
      '+1s',
      ' 1s',
      '1s ',
      '1 s',
      '1S',
      '1ms',
      '1y',
      '1000000s',
      '1h30m',
      '١s',
    ]) {
      expect(durationOf(text), JSON.stringify(text)).to.equal(undefined);
    }
  });
});
