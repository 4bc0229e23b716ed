import { expect } from 'chai';
import type { Entry } from '../../../src/domain/entry.js';
import { entryMeta } from '../../../src/domain/json/entry-meta.js';
import { patchOf } from '../../../src/domain/json/merge-patch.js';
import { MAX_DIGITS, MAX_EXPIRES_AT } from '../../../src/domain/limits.js';
import { apply, type Expiry, type Operation } from '../../../src/domain/operation.js';
import { entryOf, errorOf } from './entry-fixture.js';

const NOW = 1_800_000_000_000;
const VERSION = 100;

/** Applies an operation at the time NOW, and returns the entry afterwards. */
function entryAfter(operation: Operation, before?: Entry): Entry | undefined {
  const outcome = apply(operation, before, { now: NOW, version: () => VERSION }, 'p');
  expect(outcome.before).to.equal(before);
  return outcome.after;
}

function textAfter(operation: Operation, before?: Entry): string {
  return Buffer.from(entryAfter(operation, before)?.value ?? []).toString();
}

function put(expiry: Expiry): Operation {
  return { kind: 'put', key: 'k', value: Buffer.from('new'), contentType: 'text/new', expiry };
}

const increment = (by: bigint): Operation => ({ kind: 'increment', key: 'k', by });
const append: Operation = { kind: 'append', key: 'k', value: Buffer.from('+'), contentType: 'text/appended' };
const merge = (patch: string): Operation => ({ kind: 'merge', key: 'k', patch: patchOf(patch) });
const touch = (expiry: Expiry): Operation => ({ kind: 'touch', key: 'k', expiry });

describe('apply', () => {
  describe('metadata', () => {
    const meta = entryMeta('{"a":1}', 'meta');
    const before = entryOf('1', { meta, expiresAt: NOW + 1 });

    it('is set, kept or removed by a put', () => {
      const other = entryMeta('{"b":2}', 'meta');
      expect(entryAfter({ ...put('never'), meta } as Operation)?.meta).to.equal(meta);
      expect(entryAfter({ ...put('keep'), meta: other } as Operation, before)?.meta).to.equal(other);
      expect(entryAfter({ ...put('never'), meta: 'keep' } as Operation, before)?.meta).to.equal(meta);
      expect(entryAfter({ ...put('never'), meta: 'keep' } as Operation)).not.to.have.property('meta');
      expect(entryAfter(put('keep'), before)).not.to.have.property('meta');
    });

    it('is kept by all that changes a part of an entry', () => {
      for (const operation of [increment(1n), append, merge('{"b":1}'), touch('never'), touch({ ttl: 5 })])
        expect(entryAfter(operation, before)?.meta, operation.kind).to.equal(meta);
    });
  });

  describe('get', () => {
    it('changes nothing, and takes no version', () => {
      const before = entryOf('1');
      const stamp = { now: NOW, version: () => expect.fail('a version was taken') };
      expect(apply({ kind: 'get', key: 'k' }, before, stamp, 'p')).to.deep.equal({ before, after: before });
      expect(apply({ kind: 'get', key: 'k' }, undefined, stamp, 'p').after).to.equal(undefined);
    });
  });

  describe('delete', () => {
    it('removes the entry, if there is one', () => {
      expect(entryAfter({ kind: 'delete', key: 'k' }, entryOf('1'))).to.equal(undefined);
      expect(entryAfter({ kind: 'delete', key: 'k' })).to.equal(undefined);
    });
  });

  describe('put', () => {
    it('creates an entry with the time of the write and a new version', () => {
      const times = { createdAt: NOW, updatedAt: NOW };
      expect(entryAfter(put('never'))).to.deep.equal(
        entryOf('new', { contentType: 'text/new', version: VERSION, ...times }),
      );
    });

    it('replaces value and type, but keeps the time of creation', () => {
      const before = entryOf('old', { createdAt: 5, expiresAt: NOW + 1 });
      const times = { createdAt: 5, updatedAt: NOW };
      expect(entryAfter(put('never'), before)).to.deep.equal(
        entryOf('new', { contentType: 'text/new', version: VERSION, ...times }),
      );
    });
  });

  describe('an expiry', () => {
    for (const operation of [put, touch]) {
      const { kind } = operation('never');
      const expiryAfter = (expiry: Expiry, before = entryOf('1')) => entryAfter(operation(expiry), before)?.expiresAt;

      it(`is removed, kept, after a time or at an instant, by ${kind}`, () => {
        const expiring = entryOf('1', { expiresAt: NOW + 5 });
        expect(entryAfter(operation('never'), expiring)).not.to.have.property('expiresAt');
        expect(expiryAfter('keep', expiring)).to.equal(NOW + 5);
        expect(entryAfter(operation('keep'), entryOf('1'))).not.to.have.property('expiresAt');
        expect(expiryAfter({ ttl: 1500 }, expiring)).to.equal(NOW + 1500);
        expect(expiryAfter({ at: NOW + 9 }, expiring)).to.equal(NOW + 9);
        expect(expiryAfter({ at: NOW - 9 }), 'in the past').to.equal(NOW - 9);
      });

      it(`is refused before 1970 and after the year 9999, by ${kind}`, () => {
        expect(expiryAfter({ at: 1 })).to.equal(1);
        expect(expiryAfter({ at: MAX_EXPIRES_AT })).to.equal(MAX_EXPIRES_AT);
        const wrong: Expiry[] = [{ at: 0 }, { at: -1 }, { at: MAX_EXPIRES_AT + 1 }, { at: Number.NaN }];
        const late: Expiry[] = [{ ttl: MAX_EXPIRES_AT }, { ttl: Number.POSITIVE_INFINITY }, { ttl: -NOW }];
        for (const expiry of [...wrong, ...late]) errorOf('invalid', () => expiryAfter(expiry));
      });
    }

    it('counts for increment only if that creates the entry', () => {
      const operation: Operation = { kind: 'increment', key: 'k', by: 1n, expiry: { ttl: 500 } };
      expect(entryAfter(operation)?.expiresAt).to.equal(NOW + 500);
      expect(entryAfter(operation, entryOf('1', { expiresAt: NOW + 5 }))?.expiresAt).to.equal(NOW + 5);
      expect(entryAfter(operation, entryOf('1'))).not.to.have.property('expiresAt');
    });

    it('is kept by increment, append and merge', () => {
      const before = entryOf('1', { expiresAt: NOW + 5 });
      for (const operation of [increment(1n), append, merge('2')]) {
        expect(entryAfter(operation, before)?.expiresAt, operation.kind).to.equal(NOW + 5);
        expect(entryAfter(operation, entryOf('1')), operation.kind).not.to.have.property('expiresAt');
      }
    });
  });

  describe('increment', () => {
    it('adds to the integer, or to 0 if there is none', () => {
      expect(textAfter(increment(3n), entryOf('4'))).to.equal('7');
      expect(textAfter(increment(-3n))).to.equal('-3');
      expect(textAfter(increment(0n))).to.equal('0');
      expect(textAfter(increment(-1n), entryOf(' \t-41\r\n'))).to.equal('-42');
    });

    it('is exact for any number of digits', () => {
      expect(textAfter(increment(1n), entryOf('9007199254740993'))).to.equal('9007199254740994');
      const large = BigInt('9'.repeat(5000));
      expect(textAfter(increment(large), entryOf(`-${large}`))).to.equal('0');
      expect(textAfter(increment(large), entryOf(`${large}`))).to.equal(`${2n * large}`);
    });

    it('keeps the type, and creates an entry as JSON', () => {
      expect(entryAfter(increment(1n), entryOf('1', { contentType: 'text/x-count' }))?.contentType).to.equal(
        'text/x-count',
      );
      expect(entryAfter(increment(1n))?.contentType).to.equal('application/json');
    });

    it('is refused if the value is no integer, or too long', () => {
      const wrong = ['', ' ', '1.0', '1e3', '"1"', 'true', '01', '-', '--1', '+1', '0x1', '1 1', '\u00a01', '١', '-01'];
      for (const value of wrong) errorOf('unprocessable', () => entryAfter(increment(1n), entryOf(value)));
      expect(textAfter(increment(0n), entryOf('1'.repeat(MAX_DIGITS)))).to.have.length(MAX_DIGITS);
      errorOf('unprocessable', () => entryAfter(increment(0n), entryOf('1'.repeat(MAX_DIGITS + 1))));
    });
  });

  describe('append', () => {
    it('adds the bytes, and keeps the type', () => {
      const bytes = Buffer.from([0xff, 0, 0x2b]);
      const before = entryOf(bytes.subarray(0, 2), { contentType: 'text/old' });
      const found = entryAfter(append, before);
      expect(found?.value).to.deep.equal(bytes);
      expect(found?.contentType).to.equal('text/old');
      expect(before.value).to.have.length(2);
    });

    it('creates an entry with its own type', () => {
      expect(textAfter(append)).to.equal('+');
      expect(entryAfter(append)?.contentType).to.equal('text/appended');
    });
  });

  describe('merge', () => {
    it('applies the patch, and keeps the rest as it was written', () => {
      const before = entryOf('{"big": 106242075399214372653, "f" : 1.0,"gone":1}');
      expect(textAfter(merge('{"gone":null,"new":2}'), before)).to.equal(
        '{"big": 106242075399214372653, "f" : 1.0,"new":2}',
      );
    });

    it('keeps a JSON type, and turns any other into JSON', () => {
      for (const contentType of ['application/json; charset=utf-8', 'application/vnd.x+json']) {
        expect(entryAfter(merge('{}'), entryOf('{}', { contentType }))?.contentType).to.equal(contentType);
      }
      for (const contentType of ['text/plain', 'application/jsonx', '']) {
        expect(entryAfter(merge('{}'), entryOf('{}', { contentType }))?.contentType).to.equal('application/json');
      }
    });

    it('is refused if the value is no JSON, or missing', () => {
      for (const value of ['', 'text', '{"a":1', Uint8Array.of(0xff), `${'['.repeat(65)}${']'.repeat(65)}`]) {
        errorOf('unprocessable', () => entryAfter(merge('{}'), entryOf(value)));
      }
      expect(errorOf('not_found', () => entryAfter(merge('{}'))).message).to.match(/'k'.*'p'/);
    });
  });

  describe('touch', () => {
    it('keeps value and type, with a new version and time', () => {
      const before = entryOf('text', { contentType: 'text/old', createdAt: 5 });
      expect(entryAfter(touch('never'), before)).to.deep.equal({ ...before, version: VERSION, updatedAt: NOW });
    });

    it('is refused if the entry is missing', () => {
      errorOf('not_found', () => entryAfter(touch('never')));
    });
  });
});
