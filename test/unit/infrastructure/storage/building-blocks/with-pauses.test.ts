import { expect } from 'chai';
import { withPauses } from '../../../../../src/infrastructure/storage/building-blocks/server/commit-log/with-pauses.js';

describe('withPauses', () => {
  it('yields undefined while nothing comes, then what comes, and waits for it with one reaction', async () => {
    let [resolve, reactions] = [(_: IteratorResult<string>) => undefined as unknown, 0];
    const next = () => {
      const promise = new Promise<IteratorResult<string>>((settle) => {
        resolve = settle;
      });
      const then = promise.then.bind(promise) as typeof promise.then;
      Reflect.set(promise, 'then', (...handlers: Parameters<typeof then>) => {
        reactions += 1;
        return then(...handlers);
      });
      return promise;
    };
    const values = withPauses({ next }, 1);
    for (let i = 0; i < 20; i++) expect((await values.next()).value).to.equal(undefined);
    expect(reactions).to.equal(1);
    resolve({ done: false, value: 'x' });
    let came = await values.next();
    while (came.value === undefined) came = await values.next();
    expect(came.value).to.equal('x');
    const ended = values.next();
    resolve({ done: true, value: undefined });
    while (!(await values.next()).done);
    await ended;
  });

  it('rejects as what it reads from does', async () => {
    const values = withPauses({ next: () => Promise.reject(new Error('lost')) }, 1000);
    const error = await values.next().catch((it: unknown) => it);
    expect(error).to.be.instanceOf(Error).with.property('message', 'lost');
  });
});
