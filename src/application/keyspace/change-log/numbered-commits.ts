import type { Change } from '../../../domain/change.js';
import type { CommitPage, CommitRecord } from '../../ports/commit-log.js';
import { ChangeHistory } from './change-history.js';
import { CommitMarks, parseToken } from './commit-marks.js';

/** The number of the first change that is read; earlier ones that a token asks for have lower numbers. */
const FIRST_ORDINAL = 2 ** 32;

/** The latest changes of a store's commit log. Each gets a number in this process, which is its position. */
export class NumberedCommits {
  readonly #history = new ChangeHistory();
  readonly #marks = new CommitMarks();
  #ordinal = FIRST_ORDINAL;

  /** The number of the last change. */
  get last(): number {
    return this.#history.last;
  }

  /** What was read is without a gap from this position of the log on; undefined if nothing was. */
  get start(): string | undefined {
    return this.#marks.first;
  }

  /** Up to here. */
  get end(): string | undefined {
    return this.#marks.last;
  }

  /** Forgets everything: what is read next does not follow it. */
  reset(): void {
    this.#marks.reset();
  }

  /** Begins with an empty history at a position of the log, after `reset`. Earlier changes are not known then. */
  begin(position: string): void {
    this.#ordinal += 1;
    this.#history.reset(this.#ordinal);
    this.#marks.add(this.#ordinal, position);
  }

  /** Adds what follows; `changes` are all of the page, maybe with entries. Returns them with their numbers. */
  add({ commits, position }: CommitPage, changes: readonly Change[]): readonly Change[] {
    const numbered = numberedFrom(this.#ordinal + 1, changes);
    for (const mark of marksOf(this.#ordinal, commits)) this.#marks.add(mark.ordinal, mark.position);
    this.#ordinal += changes.length;
    this.#marks.add(this.#ordinal, position);
    this.#history.add(numbered);
    this.#marks.dropBefore(this.#history.from);
    return numbered;
  }

  /** Whether commits can be put before those that are known: not if the first of those were forgotten. */
  get canPrepend(): boolean {
    return this.start !== undefined && this.#marks.ordinalOf(this.start) === this.#history.from;
  }

  /** Adds the commits after a position and up to `start`. */
  prepend(position: string, commits: readonly CommitRecord[]): void {
    const changes = commits.flatMap((commit) => commit.changes);
    const from = this.#history.from - changes.length;
    this.#history.prepend(numberedFrom(from + 1, changes));
    this.#marks.prepend([{ ordinal: from, position }, ...marksOf(from, commits)]);
  }

  covers(ordinal: number): boolean {
    return this.#history.covers(ordinal);
  }

  after(ordinal: number, limit: number): readonly Change[] | undefined {
    return this.#history.covers(ordinal) ? this.#history.after(ordinal, limit) : undefined;
  }

  tokenOf(ordinal: number): string {
    return this.#marks.tokenOf(ordinal);
  }

  /** The position of the log in a token that is not known; undefined if the token is malformed or is known. */
  unknownPositionIn(token: string): string | undefined {
    const position = parseToken(token)?.position;
    return position === undefined || this.#marks.has(position) ? undefined : position;
  }

  /** The number of the last change that the owner of the token has; undefined if it is not known. */
  ordinalOf(token: string): number | undefined {
    const { position = '', known = 0 } = parseToken(token) ?? {};
    const ordinal = this.#marks.ordinalOf(position);
    return ordinal !== undefined && this.#history.covers(ordinal + known) ? ordinal + known : undefined;
  }
}

function numberedFrom(first: number, changes: readonly Change[]): readonly Change[] {
  return changes.map((change, i) => ({ ...change, position: first + i }));
}

/** The position after each commit, and the number of its last change. */
function marksOf(before: number, commits: readonly CommitRecord[]) {
  let ordinal = before;
  return commits.map(({ changes, position }) => {
    ordinal += changes.length;
    return { ordinal, position };
  });
}
