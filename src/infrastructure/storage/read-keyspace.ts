import { Keyspace } from '../../application/entries/keyspace.js';
import { Versions } from '../../application/entries/versions.js';
import { unknownProject } from '../../application/projects/existing.js';
import { ExchangeableStore } from '../../application/stores/exchangeable-store.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { placedIn } from './deletions.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { OthersInCharge } from './others-in-charge.js';

/** Opens a project to be read only: not a byte is written, by nothing. Rejects with `unavailable` where it cannot be read. */
export async function readKeyspace(project: Project, context: KeyspaceContext): Promise<Keyspace> {
  const placed = placedIn(context, project.id);
  if (!(await placed.find())) throw unknownProject(project.id);
  const others = new OthersInCharge();
  const live = new ExchangeableStore(await placed.read(project.storage.encryption, others));
  const versions = new Versions(context.clock, placed.placement.version_floor, async () => {
    throw new AppError('forbidden', `Project '${project.id}' is opened read-only`);
  });
  const keyspace = new Keyspace(project.id, live, live, context.clock, versions, context.rulesOf(project));
  others.pass(keyspace.others);
  return keyspace;
}
