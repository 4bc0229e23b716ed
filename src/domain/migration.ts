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
  /** The longest time that a writer waited for the switch, in ms. */
  readonly pause?: number;
  readonly finishedAt?: number;
  readonly error?: string;
  readonly rolledBack?: true;
}

/** How many migrations of a project are kept in its record. */
const MAX_RECORDED = 20;

/** The record with a migration added or, if its id is there, replaced. The oldest ones are dropped. */
export function withMigration(recorded: readonly Migration[], migration: Migration): readonly Migration[] {
  const index = recorded.findIndex(({ id }) => id === migration.id);
  return (index < 0 ? [...recorded, migration] : recorded.with(index, migration)).slice(-MAX_RECORDED);
}

/** The record after a restart: a migration that was still copying has failed, since its switch never happened. */
export function interruptedMigrations(recorded: readonly Migration[], now: number): readonly Migration[] {
  const error = 'The server ended before the switch: the data stayed where it was';
  return recorded.map((migration) =>
    migration.state === 'copying' ? { ...migration, state: 'failed', finishedAt: now, error } : migration,
  );
}
