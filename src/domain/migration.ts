/** One change of a project's engine, or of how its values are encrypted. Times in ms since 1970. */
export interface Migration {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  readonly state: 'copying' | 'done' | 'failed';
  readonly copied: number;
  /** Entries in the source when it began. */
  readonly total: number;
  /** How long writers waited for the switch at most, in ms. */
  readonly pause?: number;
  readonly finishedAt?: number;
  readonly error?: string;
  readonly rolledBack?: true;
}

/** How many migrations of a project are remembered. */
const REMEMBERED = 20;

/** Those that are remembered, with one more, or with one as it is now. */
export function withMigration(all: readonly Migration[], one: Migration): readonly Migration[] {
  const at = all.findIndex(({ id }) => id === one.id);
  return (at < 0 ? [...all, one] : all.with(at, one)).slice(-REMEMBERED);
}

/** Those that are remembered, after the process ended that ran them: no switch, no move. */
export function interruptedMigrations(all: readonly Migration[], now: number): readonly Migration[] {
  const error = 'The server ended before the switch: the data stayed where it was';
  return all.map((one) => (one.state === 'copying' ? { ...one, state: 'failed', finishedAt: now, error } : one));
}
