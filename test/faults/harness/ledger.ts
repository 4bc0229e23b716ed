/** The outcome of a write, as reported to its client. */
export type Outcome = 'done' | 'refused' | 'unknown';

interface Attempt {
  /** Null for a removal. */
  readonly value: string | null;
  outcome: Outcome;
  /** When it was reported to the client, in ms. */
  reportedAt?: number;
}

/** The writes to a project and their outcomes. Each key has only one writer, so the content afterwards is known. */
export class Ledger {
  /** Per key: the last acknowledged write, and those of unknown outcome since. */
  readonly #attempts = new Map<string, Attempt[]>();
  readonly #versions = new Map<string, string>();
  acknowledged = 0;
  unacknowledged = 0;

  /** Records a write, whose outcome is unknown until the returned function is called. */
  begin(key: string, value: string | null): (outcome: Outcome, version?: string) => void {
    const attempt: Attempt = { value, outcome: 'unknown' };
    const attempts = this.#attempts.get(key) ?? [];
    attempts.push(attempt);
    this.#attempts.set(key, attempts);
    return (outcome, version) => {
      attempt.outcome = outcome;
      attempt.reportedAt = performance.now();
      if (outcome === 'done') this.acknowledged += 1;
      else this.unacknowledged += 1;
      if (version !== undefined) this.#issued(version, `${key} = ${value}`);
    };
  }

  /**
   * What is wrong with the content: acknowledged writes that are missing, refused ones that are there. Goes on with it.
   */
  settle(found: ReadonlyMap<string, string>): string[] {
    const wrong = this.differences(found);
    for (const key of this.#attempts.keys()) {
      this.#attempts.set(key, [{ value: found.get(key) ?? null, outcome: 'done' }]);
    }
    return [...wrong, ...this.#repeated.splice(0)];
  }

  /** The same, without going on with it. */
  differences(found: ReadonlyMap<string, string>): string[] {
    const wrong: string[] = [];
    for (const [key, attempts] of this.#attempts) {
      const last = attempts.findLastIndex(({ outcome }) => outcome === 'done');
      const possible = attempts.slice(Math.max(last, 0)).filter(({ outcome }) => outcome !== 'refused');
      const allowed: (string | null)[] = possible.map(({ value }) => value);
      if (last < 0) allowed.unshift(null);
      const now = found.get(key) ?? null;
      if (!allowed.includes(now)) wrong.push(`${key} is ${short(now)}, allowed ${allowed.map(short).join(' or ')}`);
    }
    for (const key of found.keys()) if (!this.#attempts.has(key)) wrong.push(`${key} was never written`);
    return wrong;
  }

  /** Treats writes that were acknowledged in that time as unknown. */
  doubt(from: number, to: number): void {
    for (const attempt of [...this.#attempts.values()].flat()) {
      const { outcome, reportedAt = 0 } = attempt;
      if (outcome === 'done' && reportedAt >= from && reportedAt <= to) attempt.outcome = 'unknown';
    }
  }

  /** Forgets the writes, but not the versions. */
  clear(): void {
    this.#attempts.clear();
  }

  readonly #repeated: string[] = [];

  #issued(version: string, by: string): void {
    const before = this.#versions.get(version);
    if (before !== undefined) this.#repeated.push(`version ${version} of ${by} was that of ${before}`);
    this.#versions.set(version, by);
  }
}

function short(value: string | null): string {
  return value === null ? 'absent' : value.slice(0, 30);
}
