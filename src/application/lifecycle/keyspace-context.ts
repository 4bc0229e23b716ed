import type { Project } from '../../domain/project.js';
import type { Clock } from '../ports/clock.js';
import type { EntryHash } from '../ports/digest.js';
import type { EntryRules } from '../ports/entry-rules.js';
import type { Logger } from '../ports/logger.js';
import type { ProjectStorages } from '../ports/project-storage.js';
import type { Leases } from '../ports/registry/leases.js';
import type { Projects } from '../ports/registry/projects.js';
import type { SnapshotStorage } from '../ports/registry/snapshot-storage.js';

/** What open keyspaces depend on. */
export interface KeyspaceContext {
  readonly storages: ProjectStorages;
  readonly snapshots: Pick<SnapshotStorage, 'removeAll'>;
  readonly projects: Pick<Projects, 'get' | 'list' | 'remove' | 'update'>;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hash: EntryHash;
  rulesOf(project: Project): EntryRules;
  /** Ends the process, so that a supervisor starts it again: nothing else frees a store that hangs. */
  abortProcess(reason: string): void;
}
export const KeyspaceContext = Symbol('KeyspaceContext');
