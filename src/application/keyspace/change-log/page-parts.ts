import type { CommitPage, CommitRecord } from '../../ports/commit-log.js';

/** Parts of a page of which each has values of about so many bytes at most, or one commit. */
export function* pageParts({ commits, position }: CommitPage, maxBytes: number): Generator<CommitPage> {
  let part: CommitRecord[] = [];
  let bytes = 0;
  for (const commit of commits) {
    const size = commit.changes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const last = part.at(-1);
    if (last !== undefined && bytes + size > maxBytes) {
      yield { commits: part, position: last.position };
      [part, bytes] = [[], 0];
    }
    part.push(commit);
    bytes += size;
  }
  yield { commits: part, position };
}
