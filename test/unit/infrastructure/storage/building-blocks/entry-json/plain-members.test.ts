import { expect } from 'chai';
import fc from 'fast-check';
import { formatVersion } from '../../../../../../src/domain/version.js';
import {
  plainTime,
  plainVersion,
} from '../../../../../../src/infrastructure/storage/building-blocks/entry-json/plain-members.js';
import { StoreScanner } from '../../../../../../src/infrastructure/storage/building-blocks/entry-json/store-scanner.js';

const timeOf = (text: string) => plainTime(Buffer.from(`x${text},`), 1, text.length + 1);
const versionOf = (text: string) => plainVersion(Buffer.from(text), 0, Buffer.byteLength(text));

describe('Members as PortKV writes them', () => {
  it('have the time that a parser of numbers reads', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999_999_999), (ms) => {
        expect(timeOf(`${ms / 1000}`)).to.equal(ms);
      }),
    );
    for (const text of ['', '.', '1.', '.5', '-1', '1e3', '1.2345', '1.0e1', '"1"', '1234567890123', '1 ', 'NaN']) {
      expect(timeOf(text), text).to.equal(undefined);
    }
  });

  it('have the version that was written', () => {
    fc.assert(
      fc.property(fc.nat(3_000_000_000_000_000), (version) => {
        expect(versionOf(`"${formatVersion(version)}"`)).to.equal(version);
      }),
    );
    for (const text of ['', '""', '"A"', '"1', '7', '"-1"', '"\\u0031"', '"12345678901"', '"ü"']) {
      expect(versionOf(text), text).to.equal(undefined);
    }
  });

  it('are read, in any order and form, as those of a parser of JSON', () => {
    const item = (more: string) => `{"created_at": 1, "updated_at": 2.5, "size_bytes": 1, "value": 1, ${more}}`;
    const text = `{"a": ${item('"version": "zz", "content_type": "text/plain"')},
      "b": ${item('"content_type": "text/plain", "version": "10"')},
      "ü": ${item('"version": "3", "content_type": "text/pl\\u0061in", "expires_at": 3e0')},
      "d": ${item('"content_type": "text/html", "expires_at": 4.25, "version": "4"')}}`;
    const read: unknown[] = [];
    const scanner = new StoreScanner((key, entry) => {
      read.push([key, entry?.contentType, entry?.version, entry?.createdAt, entry?.updatedAt, entry?.expiresAt]);
    }, false);
    scanner.scan(Buffer.from(text));
    expect(read).to.deep.equal([
      ['a', 'text/plain', 1295, 1000, 2500, undefined],
      ['b', 'text/plain', 36, 1000, 2500, undefined],
      ['ü', 'text/plain', 3, 1000, 2500, 3000],
      ['d', 'text/html', 4, 1000, 2500, 4250],
    ]);
  });

  it('with an empty name are refused', () => {
    const text = '{"a": {"created_at": 1, "updated_at": 1, "value": 1, "version": "1", "": 1}}';
    expect(() => new StoreScanner(() => undefined, false).scan(Buffer.from(text))).to.throw('unknown member');
  });
});
