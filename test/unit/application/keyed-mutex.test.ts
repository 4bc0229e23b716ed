import { expect } from 'chai';
import { KeyedMutex } from '../../../src/application/keyed-mutex.js';

const aWhile = () => new Promise((resolve) => setImmediate(resolve));

describe('KeyedMutex', () => {
  it('runs tasks of one name one after another, in order, and others concurrently', async () => {
    const turns = new KeyedMutex();
    const seen: string[] = [];
    const task = (name: string, says: string) =>
      turns.run([name], async () => {
        seen.push(`${says} begins`);
        await aWhile();
        seen.push(`${says} ends`);
      });
    await Promise.all([task('a', '1'), task('a', '2'), task('b', '3')]);
    expect(seen.filter((text) => !text.startsWith('3'))).to.deep.equal(['1 begins', '1 ends', '2 begins', '2 ends']);
    expect(seen.indexOf('3 begins')).to.be.lessThan(seen.indexOf('1 ends'));
  });

  it('is acquired synchronously if all names are free', () => {
    const turns = new KeyedMutex();
    expect(turns.acquire(['a'])).to.be.a('function');
    expect(turns.acquire(['b', 'c', 'b'])).to.be.a('function');
    expect(turns.acquire(['c', 'd'])).to.be.a('promise');
  });

  it('does not deadlock with several names', async () => {
    const turns = new KeyedMutex();
    let running = 0;
    const task = (names: readonly string[]) =>
      turns.run(names, async () => {
        running += 1;
        expect(running).to.equal(1);
        await aWhile();
        running -= 1;
      });
    await Promise.all([task(['x', 'a']), task(['a', 'x']), task(['x', 'b', 'a']), task(['a', 'b', 'x'])]);
  });

  it('is passed on once, even if it is released twice', async () => {
    const turns = new KeyedMutex();
    const first = await turns.acquire(['a']);
    const second = turns.acquire(['a']);
    let thirdHasCome = false;
    const third = Promise.resolve(turns.acquire(['a'])).then((release) => {
      thirdHasCome = true;
      return release;
    });
    first();
    first();
    await aWhile();
    expect(thirdHasCome).to.equal(false);
    (await second)();
    (await third)();
    expect(turns.acquire(['a'])).to.be.a('function');
  });

  it('is passed on to one task only, also if it was named twice', async () => {
    const turns = new KeyedMutex();
    const first = await turns.acquire(['a', 'b', 'a']);
    let running = 0;
    const waiting = [1, 2].map(() =>
      turns.run(['a'], async () => {
        running += 1;
        expect(running).to.equal(1);
        await aWhile();
        running -= 1;
      }),
    );
    first();
    await Promise.all(waiting);
    expect(turns.acquire(['a', 'b'])).to.be.a('function');
  });
});
