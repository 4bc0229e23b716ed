import { unknownProject } from '../../../application/access/require-project.js';
import { Keyspace } from '../../../application/keyspace/keyspace.js';
import { Versions } from '../../../application/keyspace/versions.js';
import { SwappableStore } from '../../../application/stores/swappable-store.js';
import { AppError } from '../../../domain/errors.js';
import type { Project } from '../../../domain/project.js';
import { projectStorage } from './deletion.js';
import { ExternalChangeRelay } from './external-change-relay.js';
import type { KeyspaceContext } from './keyspace-context.js';

/** Opens a project to be read only: not a byte is written, by nothing. Rejects with `unavailable` where it cannot be read. */
export async function openReadOnlyKeyspace(project: Project, context: KeyspaceContext): Promise<Keyspace> {
  const placed = projectStorage(context, project.id);
  if (!(await placed.find())) throw unknownProject(project.id);
  const others = new ExternalChangeRelay();
  const live = new SwappableStore(await placed.openReadOnly(project.storage.encryption, others));
  const versions = new Versions(context.clock, placed.placement.version_floor, async () => {
    throw new AppError('forbidden', `Project '${project.id}' is opened read-only`);
  });
  const keyspace = new Keyspace(project.id, live, live, context.clock, versions, context.rulesOf(project));
  others.relayTo(keyspace.externalChanges);
  return keyspace;
}
