import { expect } from 'chai';
import type { Entry } from '../../../../../src/domain/entry.js';
import { AppError } from '../../../../../src/domain/errors.js';
import { NoRoomError } from '../../../../../src/infrastructure/files/storage-errors.js';
import { GroupCommit } from '../../../../../src/infrastructure/storage/building-blocks/group-commit.js';
import type { WriteGroup } from '../../../../../src/infrastructure/storage/building-blocks/write-group.js';

describe('GroupCommit', () => {
  it('writes one group at a time, and all that waited in the next', async () => {
    const sizes: number[] = [];
    let running = 0;
    const commits = groupCommit(async (group) => {
      expect(++running).to.equal(1);
      sizes.push(group.changes.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    });
    const first = commits.commit({ put: [entry('a')] });
    while (sizes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const others = ['b', 'c', 'd'].map((key) => commits.commit({ put: [entry(key)] }));
    expect(await Promise.all([first, ...others])).to.deep.equal([true, true, true, true]);
    expect(sizes).to.deep.equal([1, 3]);
  });

  it('does not let a group grow without limit', async () => {
    let groups = 0;
    const commits = groupCommit(async () => void groups++);
    const large = { ...entry('a'), value: Buffer.alloc(16 * 1024 * 1024) };
    await Promise.all(Array.from({ length: 6 }, () => commits.commit({ put: [large] })));
    expect(groups).to.equal(3);
  });

  it('rejects the group, what waits and all that follows once a write failed, and writes no more', async () => {
    let writes = 0;
    const commits = groupCommit(async () => {
      writes++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error('EIO');
    });
    const results = [commits.commit({ put: [entry('a')] })];
    await new Promise((resolve) => setImmediate(resolve));
    results.push(commits.commit({ put: [entry('b')] }));
    for (const result of await Promise.allSettled(results)) expectUnavailable(result);
    expectUnavailable((await Promise.allSettled([commits.commit({})]))[0]);
    expect(writes).to.equal(1);
    expect(commits.hangs).to.equal(false);
  });

  it('writes each batch of a group alone if that has no room, and refuses only those without', async () => {
    const groups: string[] = [];
    let isFull = true;
    const commits = groupCommit(async ({ changes }) => {
      groups.push([...changes.keys()].join());
      if (isFull && changes.has('large')) throw new NoRoomError('full', undefined);
    });
    const results = await Promise.allSettled(['a', 'large', 'b'].map((key) => commits.commit({ put: [entry(key)] })));
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).to.have.property('code', 'insufficient_storage');
    isFull = false;
    await Promise.all(['large', 'c'].map((key) => commits.commit({ put: [entry(key)] })));
    expect(groups).to.deep.equal(['a,large,b', 'a', 'large', 'b', 'large,c']);
  });

  it('does not take the time that the process itself worked for a disk that does not respond', async () => {
    const commits = groupCommit(async () => {
      const end = performance.now() + 300;
      await new Promise((resolve) => setImmediate(resolve));
      while (performance.now() < end);
      await new Promise((resolve) => setImmediate(resolve));
    }, 100);
    expect(await commits.commit({ put: [entry('a')] })).to.equal(true);
  });

  it('abandons a write that takes longer than its timeout', async () => {
    const commits = groupCommit(() => new Promise(() => undefined), 20);
    expectUnavailable((await Promise.allSettled([commits.commit({ put: [entry('a')] })]))[0]);
    expect(commits.hangs).to.equal(true);
    await commits.idle();
  });
});

function groupCommit(write: (group: WriteGroup) => Promise<void>, timeout = 1000): GroupCommit {
  return new GroupCommit({ file: 'a file', timeout, read: () => undefined, write });
}

function entry(key: string): Entry {
  return { key, value: Buffer.from(key), contentType: 'text/plain', version: 1, createdAt: 1, updatedAt: 1 };
}

function expectUnavailable(result: PromiseSettledResult<unknown> | undefined): void {
  expect(result?.status).to.equal('rejected');
  const { reason } = result as PromiseRejectedResult;
  expect(reason).to.be.instanceOf(AppError).with.property('code', 'unavailable');
  expect(reason.message).to.match(/a file: a write failed/);
}
