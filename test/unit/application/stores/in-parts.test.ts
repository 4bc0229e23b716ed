import { expect } from 'chai';
import { inParts } from '../../../../src/application/stores/in-parts.js';
import { AppError, CommitTooLargeError } from '../../../../src/domain/errors.js';

const takes = (most: number, done: number[][]) => async (part: readonly number[]) => {
  if (part.length > most) throw new CommitTooLargeError(`at most ${most}`);
  done.push([...part]);
  return part.length;
};

describe('inParts', () => {
  it('does all at once if the store takes it, else in the same order in parts that it takes', async () => {
    const items = [1, 2, 3, 4, 5];
    for (const [most, parts] of [
      [5, [[1, 2, 3, 4, 5]]],
      [
        3,
        [
          [1, 2, 3],
          [4, 5],
        ],
      ],
      [1, [[1], [2], [3], [4], [5]]],
    ] as const) {
      const done: number[][] = [];
      expect(await inParts(items, takes(most, done))).to.deep.equal(parts.map(({ length }) => length));
      expect(done).to.deep.equal(parts);
    }
  });

  it('rejects if one item alone is too much, and at the first other error', async () => {
    const done: number[][] = [];
    const failure = async (task: (part: readonly number[]) => Promise<unknown>) =>
      inParts([1, 2], task).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await failure(takes(0, done))).to.be.instanceOf(CommitTooLargeError);
    const other = new AppError('too_large', 'a value');
    expect(await failure(() => Promise.reject(other))).to.equal(other);
    expect(done).to.deep.equal([]);
  });
});
