import { Equals, IsIn, IsInt, IsNumber, IsString, Min, MinLength } from 'class-validator';
import { interruptedMigrations, type Migration, withMigration } from '../../../domain/migration.js';
import { Optional } from '../../validation/setting-rules.js';

/** A migration as it stands in a placement. */
export class MigrationRecord {
  @MinLength(1)
  @IsString()
  id!: string;

  @IsString()
  from!: string;

  @IsString()
  to!: string;

  @IsIn(['copying', 'done', 'failed'])
  state!: Migration['state'];

  @Min(0)
  @IsInt()
  copied!: number;

  @Min(0)
  @IsInt()
  total!: number;

  @Min(0)
  @IsInt()
  started_at_ms!: number;

  @Optional()
  @Min(0)
  @IsInt()
  finished_at_ms?: number;

  @Optional()
  @Min(0)
  @IsNumber()
  pause_ms?: number;

  @Optional()
  @IsString()
  error?: string;

  @Optional()
  @Equals(true)
  rolled_back?: true;
}

function migrationRecord(migration: Migration): MigrationRecord {
  const { startedAt, finishedAt, pause, rolledBack, ...rest } = migration;
  return {
    ...rest,
    started_at_ms: startedAt,
    ...(finishedAt === undefined ? {} : { finished_at_ms: finishedAt }),
    ...(pause === undefined ? {} : { pause_ms: pause }),
    ...(rolledBack === undefined ? {} : { rolled_back: rolledBack }),
  };
}

/** Takes `storedMigration` back. */
export function migrationFrom(stored: MigrationRecord): Migration {
  const { started_at_ms: startedAt, finished_at_ms: finishedAt, pause_ms: pause, rolled_back, ...rest } = stored;
  return {
    ...rest,
    startedAt,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(pause === undefined ? {} : { pause }),
    ...(rolled_back === undefined ? {} : { rolledBack: rolled_back }),
  };
}

/** What a placement says once this is noted; nothing else if there is nothing to note. */
export function withRecordedMigration(stored: readonly MigrationRecord[] = [], migration?: Migration) {
  if (migration === undefined) return {};
  return { migrations: withMigration(stored.map(migrationFrom), migration).map(migrationRecord) };
}

/** What it says once the process has ended that ran them. */
export function withInterruptedMigrations(stored: readonly MigrationRecord[], now: number) {
  return { migrations: interruptedMigrations(stored.map(migrationFrom), now).map(migrationRecord) };
}
