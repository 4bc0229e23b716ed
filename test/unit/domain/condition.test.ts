import { expect } from 'chai';
import { type Conditions, failedCondition, requireConditions, UNCONDITIONAL } from '../../../src/domain/condition.js';
import { entryOf, errorOf } from './entry-fixture.js';

const SECOND = 1_800_000_000_000;
/** Was written within that second. */
const ENTRY = entryOf('x', { version: 7, updatedAt: SECOND + 678 });

function holds(conditions: Conditions, entry: typeof ENTRY | undefined = ENTRY): boolean {
  return failedCondition(conditions, entry) === undefined;
}

describe('The conditions of a request', () => {
  it('hold if there are none', () => {
    expect(holds(UNCONDITIONAL)).to.equal(true);
    expect(failedCondition(UNCONDITIONAL, undefined)).to.equal(undefined);
  });

  it('ifMatch holds for an entry of one of the versions, and `*` for any entry', () => {
    expect(holds({ ifMatch: [7] })).to.equal(true);
    expect(holds({ ifMatch: [1, undefined, 7] })).to.equal(true);
    expect(holds({ ifMatch: '*' })).to.equal(true);
    expect(holds({ ifMatch: [8] })).to.equal(false);
    expect(holds({ ifMatch: [] })).to.equal(false);
    expect(holds({ ifMatch: [undefined] })).to.equal(false);
  });

  it('ifMatch never holds for a missing entry', () => {
    for (const ifMatch of ['*', [7], [undefined], []] as const) {
      expect(failedCondition({ ifMatch }, undefined)).to.equal('ifMatch');
    }
  });

  it('ifNoneMatch holds unless the entry has one of the versions, and `*` only for a missing entry', () => {
    expect(holds({ ifNoneMatch: [7] })).to.equal(false);
    expect(holds({ ifNoneMatch: '*' })).to.equal(false);
    expect(holds({ ifNoneMatch: [8, undefined] })).to.equal(true);
    expect(holds({ ifNoneMatch: [] })).to.equal(true);
    for (const ifNoneMatch of ['*', [7], [undefined]] as const) {
      expect(failedCondition({ ifNoneMatch }, undefined)).to.equal(undefined);
    }
  });

  it('ifUnmodifiedSince compares whole seconds, and holds for a missing entry', () => {
    expect(holds({ ifUnmodifiedSince: SECOND })).to.equal(true);
    expect(holds({ ifUnmodifiedSince: SECOND + 1000 })).to.equal(true);
    expect(holds({ ifUnmodifiedSince: SECOND - 1000 })).to.equal(false);
    expect(failedCondition({ ifUnmodifiedSince: 0 }, undefined)).to.equal(undefined);
  });

  it('ifModifiedSince compares whole seconds, and holds for a missing entry', () => {
    expect(holds({ ifModifiedSince: SECOND })).to.equal(false);
    expect(holds({ ifModifiedSince: SECOND + 1000 })).to.equal(false);
    expect(holds({ ifModifiedSince: SECOND - 1000 })).to.equal(true);
    expect(failedCondition({ ifModifiedSince: SECOND }, undefined)).to.equal(undefined);
  });

  it('are checked in the order of RFC 9110', () => {
    const all: Conditions = {
      ifMatch: [8],
      ifUnmodifiedSince: SECOND - 1000,
      ifNoneMatch: [7],
      ifModifiedSince: SECOND,
    };
    const order = ['ifMatch', 'ifUnmodifiedSince', 'ifNoneMatch', 'ifModifiedSince'] as const;
    let left = all;
    for (const name of order) {
      expect(failedCondition(left, ENTRY)).to.equal(name);
      const { [name]: _, ...rest } = left;
      left = rest;
    }
    expect(failedCondition(left, ENTRY)).to.equal(undefined);
  });

  it('are reported with the present version if one fails', () => {
    requireConditions({ ifMatch: [7] }, ENTRY);
    expect(errorOf('precondition_failed', () => requireConditions({ ifMatch: [8] }, ENTRY)).details).to.include({
      version: '7',
    });
    const missing = errorOf('precondition_failed', () => requireConditions({ ifMatch: '*' }, undefined));
    expect(missing.details).to.include({ version: null });
  });
});
