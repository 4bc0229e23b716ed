import { expect } from 'chai';
import fc from 'fast-check';
import { formatVersion, parseVersion } from '../../src/domain/version.js';
import { httpDate } from '../../src/interfaces/rest/http-date.js';

describe('What every answer shows', () => {
  it('dates as node would write them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (time) => {
        expect(httpDate(time)).to.equal(new Date(time).toUTCString());
      }),
    );
  });

  it('versions in base 36, and reads them again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (version) => {
        expect(formatVersion(version)).to.equal(version.toString(36));
        expect(parseVersion(formatVersion(version))).to.equal(version);
      }),
    );
  });
});
