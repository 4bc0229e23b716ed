import type { Ciphers } from '../../../application/ports/cipher.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { EntryHash } from '../../../application/ports/entry-hash.js';
import type { EntryRules } from '../../../application/ports/entry-rules.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { Projects } from '../../../application/ports/registry/projects.js';
import type { Project } from '../../../domain/project.js';
import type { FreeSpace } from '../../files/free-space.js';

/** What the keyspaces of a data folder need of the rest. */
export interface KeyspaceContext {
  /** The data folder, absolute. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly projects: Pick<Projects, 'get' | 'list' | 'remove'>;
  readonly hash: EntryHash;
  readonly ciphers: Ciphers;
  readonly space: Pick<FreeSpace, 'requireFor'>;
  rulesOf(project: Project): EntryRules;
  /** Ends the process, for a supervisor to start it again: nothing else frees a store that hangs. */
  abortProcess(reason: string): void;
}
