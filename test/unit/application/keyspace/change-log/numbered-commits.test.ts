import { expect } from 'chai';
import { NumberedCommits } from '../../../../../src/application/keyspace/change-log/numbered-commits.js';
import type { Change } from '../../../../../src/domain/change.js';

let version = 0;

describe('NumberedCommits', () => {
  it('have a token of a change at the end of what was read, also after the log was read on without commits', () => {
    const commits = begun();
    add(commits, 'a1');
    const token = commits.tokenOf(commits.last);
    for (const position of ['a5', 'a7', 'a9']) {
      commits.add({ commits: [], position }, []);
      expect(commits.unknownPositionIn(token), position).to.equal(undefined);
      expect(commits.ordinalOf(token), position).to.equal(commits.last);
    }
    expect(commits.end).to.equal('a9');
  });

  it('know no token of a change from before a gap', () => {
    const commits = begun();
    add(commits, 'a1');
    const before = commits.last;
    commits.reset();
    commits.begin('a5');
    add(commits, 'a6');
    const token = commits.tokenOf(before);
    expect(commits.ordinalOf(token)).to.equal(undefined);
    expect(commits.unknownPositionIn(token), 'it is looked up, and not found').to.not.equal(undefined);
  });
});

function begun(): NumberedCommits {
  const commits = new NumberedCommits();
  commits.begin('a0');
  return commits;
}

function add(commits: NumberedCommits, position: string): void {
  version += 1;
  const changes: Change[] = [{ event: 'put', key: 'k', version, sizeBytes: 1 }];
  commits.add({ commits: [{ position, changes }], position }, changes);
}
