import type { MigrationView } from '../../../application/projects/migration-view.js';
import { keptMember } from '../transfer/kept-member.js';

/** The URL of a migration. */
export function migrationUrl(project: string, { id }: Pick<MigrationView, 'id'>): string {
  return `/api/v1/projects/${project}/migrations/${id}`;
}

/** A migration as JSON text; times in seconds, the pause in milliseconds, null for counts that are hidden. */
export function migrationJson(project: string, migration: MigrationView, kept: readonly string[] = []): string {
  const { id, startedAt, finishedAt, pause, rolledBack, ...shown } = migration;
  return JSON.stringify({
    id,
    project,
    ...shown,
    copied: shown.copied ?? null,
    total: shown.total ?? null,
    started_at: startedAt / 1000,
    ...(finishedAt === undefined ? {} : { finished_at: finishedAt / 1000 }),
    ...(pause === undefined ? {} : { pause_ms: pause }),
    ...(rolledBack === undefined ? {} : { rolled_back: rolledBack }),
    ...keptMember(kept),
  });
}
