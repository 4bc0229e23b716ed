import { expect } from 'chai';
import type { Entry } from '../../../src/domain/entry.js';
import { patchOf } from '../../../src/domain/json/merge-patch.js';
import { MAX_PATCH_MEMBERS, MAX_READ_BYTES } from '../../../src/domain/limits.js';
import type { Operation, Outcome } from '../../../src/domain/operation.js';
import { type Check, keysOf, netChanges, runTransaction } from '../../../src/domain/transaction.js';
import { formatVersion } from '../../../src/domain/version.js';
import { entryOf, errorOf } from './entry-fixture.js';

const put = (key: string, text = key): Extract<Operation, { kind: 'put' }> => ({
  kind: 'put',
  key,
  value: Buffer.from(text),
  contentType: 'text/plain',
  expiry: 'never',
});
const append = (key: string, text: string): Operation => ({
  kind: 'append',
  key,
  value: Buffer.from(text),
  contentType: 'text/plain',
});
const get = (key: string): Operation => ({ kind: 'get', key });

/** Runs a transaction on these entries. */
function run(
  checks: readonly Check[],
  operations: readonly Operation[],
  entries: readonly Entry[] = [],
  sequential = false,
): Outcome[] {
  const stored = new Map(entries.map((entry) => [entry.key, entry]));
  const transaction = { checks, operations, sequential };
  const keys = keysOf(transaction);
  let version = 1000;
  const stamp = { now: 5, version: () => ++version };
  return runTransaction(
    transaction,
    keys,
    keys.map((key) => stored.get(key)),
    stamp,
    'p',
  );
}

/** A value of so many bytes, which takes no memory of its own. */
function large(key: string, bytes: number): Entry {
  return { ...entryOf(''), key, value: { length: bytes } as Uint8Array };
}

describe('The keys of a transaction', () => {
  it('are those of its operations by position, then those that are only checked, each once', () => {
    const check = (key: string): Check => ({ key, version: '*' });
    const operations = [put('b'), get('a')];
    expect(keysOf({ checks: [], operations })).to.deep.equal(['b', 'a']);
    expect(keysOf({ checks: ['c', 'a', 'c', 'd'].map(check), operations })).to.deep.equal(['b', 'a', 'c', 'd']);
    expect(keysOf({ checks: [check('x')], operations: [] })).to.deep.equal(['x']);
    expect(keysOf({ checks: [], operations: [...operations, put('b')], sequential: true })).to.deep.equal(['b', 'a']);
  });
});

describe('A transaction', () => {
  it('returns the outcomes by position, each with a version of its own', () => {
    const read = { ...entryOf('1'), key: 'read' };
    const outcomes = run([], [put('a'), get('read'), get('none'), put('b'), { kind: 'delete', key: 'gone' }], [read]);
    expect(outcomes.map(({ after }) => after?.key)).to.deep.equal(['a', 'read', undefined, 'b', undefined]);
    expect(outcomes[1]?.after).to.equal(read);
    expect([outcomes[0]?.after?.version, outcomes[3]?.after?.version]).to.deep.equal([1001, 1002]);
    expect(run([], [])).to.deep.equal([]);
  });

  it('runs if every check holds: of a version, of any version, and of a missing key', () => {
    const a = { ...entryOf('1'), key: 'a', version: 7 };
    const checks: Check[] = [
      { key: 'a', version: 7 },
      { key: 'a', version: '*' },
      { key: 'b', version: undefined },
    ];
    expect(run(checks, [put('a')], [a])).to.have.length(1);
    expect(run(checks, [], [a])).to.deep.equal([]);
  });

  it('is refused with every check that fails, by index and present version', () => {
    const a = { ...entryOf('1'), key: 'a', version: 7 };
    const checks: Check[] = [
      { key: 'a', version: 7 },
      { key: 'a', version: undefined },
      { key: 'b', version: '*' },
      { key: 'a', version: 8 },
      { key: 'b', version: 7 },
    ];
    const { details } = errorOf('check_failed', () => run(checks, [put('b')], [a]));
    expect(details?.failed).to.deep.equal([
      { index: 1, key: 'a', version: formatVersion(7) },
      { index: 2, key: 'b', version: null },
      { index: 3, key: 'a', version: formatVersion(7) },
      { index: 4, key: 'b', version: null },
    ]);
  });

  it('is refused with the position of an operation that fails', () => {
    const touch: Operation = { kind: 'touch', key: 'none', expiry: 'never' };
    const missing = errorOf('not_found', () => run([], [put('a'), touch]));
    expect(missing.details).to.include({ path: 'operations[1].touch' });
    expect(missing.message).to.match(/^operations\[1\]\.touch: /);
    const text = { ...entryOf('text'), key: 'a' };
    const wrong = errorOf('unprocessable', () => run([], [{ kind: 'increment', key: 'a', by: 1n }], [text]));
    expect(wrong.details).to.include({ path: 'operations[0].increment' });
  });

  it('may get, append to and merge values up to a size, all together', () => {
    const half = MAX_READ_BYTES / 2;
    const entries = [large('a', half), large('b', half), { ...entryOf(''), key: 'c', value: Buffer.from('x') }];
    expect(run([], [get('a'), get('b')], entries)).to.have.length(2);
    const { details } = errorOf('too_large', () => run([], [get('a'), get('b'), get('c')], entries));
    expect(details).to.include({ limit_bytes: MAX_READ_BYTES });
    errorOf('too_large', () => run([], [get('a'), get('b'), append('c', 'y')], entries));
    errorOf('too_large', () => run([], [get('a'), get('b'), { ...put('c'), returnOld: true }], entries));
    errorOf('too_large', () => run([], [get('a'), get('b'), { kind: 'delete', key: 'c', returnOld: true }], entries));
    const merge: Operation = { kind: 'merge', key: 'c', patch: patchOf('1') };
    errorOf('too_large', () => run([], [get('a'), get('b'), merge], entries));
  });

  it('may replace, touch and delete values of any size', () => {
    const entries = ['a', 'b', 'c'].map((key) => large(key, MAX_READ_BYTES));
    const touch: Operation = { kind: 'touch', key: 'c', expiry: 'never' };
    expect(run([], [put('a'), { kind: 'delete', key: 'b' }, touch], entries)).to.have.length(3);
  });

  it('may have merge patches up to a number of members, all together', () => {
    const merge = (key: string, members: number): Operation => ({
      kind: 'merge',
      key,
      patch: { ...patchOf('{}'), members },
    });
    const entries = ['a', 'b'].map((key) => ({ ...entryOf('{}'), key }));
    expect(run([], [merge('a', 1), merge('b', MAX_PATCH_MEMBERS - 1)], entries)).to.have.length(2);
    const { details } = errorOf('too_large', () => run([], [merge('a', 1), merge('b', MAX_PATCH_MEMBERS)], entries));
    expect(details).to.include({ limit_members: MAX_PATCH_MEMBERS });
  });
});

describe('A sequential transaction', () => {
  const a = { ...entryOf('1'), key: 'a', version: 7 };

  it('lets each operation see what those before it did', () => {
    const remove: Operation = { kind: 'delete', key: 'a' };
    const operations = [get('a'), append('a', '2'), get('a'), remove, get('a'), put('a', '3'), get('a'), get('b')];
    const outcomes = run([], operations, [a], true);
    const texts = outcomes.map(({ after }) => after && Buffer.from(after.value).toString());
    expect(texts).to.deep.equal(['1', '12', '12', undefined, undefined, '3', '3', undefined]);
    expect(outcomes.map(({ before }) => before?.version)).to.deep.equal([
      ...[7, 7, 1001, 1001, undefined, undefined, 1002, undefined],
    ]);
  });

  it('is checked against the state before it', () => {
    const checks: Check[] = [
      { key: 'a', version: 7 },
      { key: 'b', version: undefined },
    ];
    expect(run(checks, [put('a'), put('b'), get('b')], [a], true)).to.have.length(3);
  });

  it('does not see an entry that expires before it is written', () => {
    const expired = { ...put('a'), expiry: { at: 4 } };
    const [, read] = run([], [expired, get('a')], [a], true);
    expect(read).to.deep.equal({ before: undefined, after: undefined });
  });

  it('counts each read of a value towards what it may read', () => {
    const half = large('a', MAX_READ_BYTES / 2);
    expect(run([], [get('a'), get('a')], [half], true)).to.have.length(2);
    errorOf('too_large', () => run([], [get('a'), get('a'), get('a')], [half], true));
  });

  it('changes each key once in the end, in the order of versions, and not at all if nothing is left of it', () => {
    const remove = (key: string): Operation => ({ kind: 'delete', key });
    const operations = [put('x'), put('y'), put('x'), put('new'), remove('new'), put('a'), remove('a'), get('y')];
    const { put: puts, remove: removed } = netChanges(
      { checks: [], operations, sequential: true },
      run([], operations, [a], true),
    );
    expect(puts.map(({ key, version }) => [key, version])).to.deep.equal([
      ['y', 1002],
      ['x', 1003],
    ]);
    expect(removed).to.deep.equal(['a']);
  });
});
