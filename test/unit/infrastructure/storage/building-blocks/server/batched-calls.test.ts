import { expect } from 'chai';
import {
  BatchedCalls,
  upTo,
} from '../../../../../../src/infrastructure/storage/building-blocks/server/batched-calls.js';

const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('BatchedCalls', () => {
  /** Batches that run until they are ended. */
  const batches: { readonly calls: readonly string[]; end(results: readonly (string | Promise<string>)[]): void }[] =
    [];
  const callsOf = (maxRunning: number, most: number, patience = 0) => {
    batches.length = 0;
    return new BatchedCalls<string, string>({
      maxRunning,
      patience,
      begin: () => upTo(most),
      run: (calls) => new Promise((end) => batches.push({ calls, end })),
    });
  };
  const begun = () => batches.map(({ calls }) => calls);

  it('makes one of the calls of a turn, and of those that wait, in their order', async () => {
    const calls = callsOf(1, 10);
    const results = ['a', 'b'].map((it) => calls.call(it));
    await settled();
    results.push(calls.call('c'));
    await settled();
    results.push(calls.call('d'));
    expect(begun()).to.deep.equal([['a', 'b']]);
    batches[0]?.end(['A', 'B']);
    await settled();
    expect(begun()).to.deep.equal([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    batches[1]?.end(['C', 'D']);
    expect(await Promise.all(results)).to.deep.equal(['A', 'B', 'C', 'D']);
  });

  it('has no more in a batch than fit, and no more batches at a time than it may', async () => {
    const calls = callsOf(2, 2);
    for (const it of ['a', 'b', 'c', 'd', 'e']) void calls.call(it);
    await settled();
    await settled();
    expect(begun()).to.deep.equal([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    batches[1]?.end(['C', 'D']);
    await settled();
    expect(begun()).to.deep.include(['e']);
  });

  it('begins another batch beside one only if that runs for long', async () => {
    const calls = callsOf(2, 10, 20);
    void calls.call('a');
    await settled();
    void calls.call('b');
    while (begun().length < 2) {
      void calls.call('more');
      await settled();
    }
    expect(begun()[1]?.length).to.be.greaterThan(1);
    batches[0]?.end(['A']);
  });

  it('takes a call that fits no batch alone', async () => {
    const calls = callsOf(1, 0);
    const result = calls.call('a');
    await settled();
    batches[0]?.end(['A']);
    expect(await result).to.equal('A');
  });

  it('gives each call its own outcome, and the failure of a whole batch to each', async () => {
    const calls = callsOf(1, 2);
    const results = Promise.allSettled(['a', 'b', 'c', 'd'].map((it) => calls.call(it)));
    await settled();
    batches[0]?.end(['A', Promise.reject(new Error('b'))]);
    await settled();
    batches[1]?.end(Promise.reject(new Error('all')) as never);
    const shown = (await results).map((it) => (it.status === 'fulfilled' ? it.value : it.reason.message));
    expect(shown).to.deep.equal(['A', 'b', 'all', 'all']);
  });
});
