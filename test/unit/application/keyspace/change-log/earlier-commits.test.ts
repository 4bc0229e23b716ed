import { expect } from 'chai';
import { earlierCommits } from '../../../../../src/application/keyspace/change-log/earlier-commits.js';
import type { CommitLog, CommitPage } from '../../../../../src/application/ports/commit-log.js';
import { AppError } from '../../../../../src/domain/errors.js';

/** A log that yields one page and then nothing, as one of which a transaction holds up what follows. */
const heldUp: CommitLog = {
  end: async () => 'a9',
  async *read(after: string | undefined, signal: AbortSignal): AsyncGenerator<CommitPage> {
    yield { commits: [], position: after ?? 'a9' };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
};

describe('earlierCommits', () => {
  it('are not waited for without end', async () => {
    const error = await earlierCommits(heldUp, 'a1', 'a5', 100, 20).catch((it: unknown) => it);
    expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
  });

  it('are none after the start', async () => {
    expect(await earlierCommits(heldUp, 'a6', 'a5', 100, 20)).to.deep.equal([]);
  });
});
