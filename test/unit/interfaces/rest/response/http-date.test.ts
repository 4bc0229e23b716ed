import { expect } from 'chai';
import fc from 'fast-check';
import { httpDate, parseHttpDate } from '../../../../../src/interfaces/rest/response/http-date.js';

describe('HTTP dates', () => {
  it('are written as node does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (time) => {
        expect(httpDate(time)).to.equal(new Date(time).toUTCString());
      }),
    );
  });

  it('are read again, also in the two obsolete formats', () => {
    fc.assert(
      fc.property(fc.integer({ min: -30_610_224_000, max: 253_402_300_799 }), (seconds) => {
        expect(parseHttpDate(httpDate(seconds * 1000))).to.equal(seconds * 1000);
      }),
    );
    const example = Date.UTC(1994, 10, 6, 8, 49, 37);
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).to.equal(example);
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).to.equal(example);
    const year = new Date().getUTCFullYear() + 10;
    const ahead = new Date(Date.UTC(year, 1, 3)).toUTCString();
    expect(parseHttpDate(`Monday, 03-Feb-${String(year).slice(2)} 00:00:00 GMT`)).to.equal(Date.parse(ahead));
    for (const bad of [
      '',
      '0',
      '1994',
      'Sun, 31 Feb 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 24:00:00 GMT',
      '1994-11-06',
    ]) {
      expect(parseHttpDate(bad), bad).to.equal(undefined);
    }
    for (const bad of [
      'Sun, 06 Nov 1994 08:49:37 CET',
      'Sun, 06 Xyz 1994 08:49:37 GMT',
      ' Sun, 06 Nov 1994 08:49:37 GMT',
    ]) {
      expect(parseHttpDate(bad), bad).to.equal(undefined);
    }
  });
});
