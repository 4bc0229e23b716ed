import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { unknownProject } from '../access/require-project.js';
import { Keyspace } from '../keyspace/keyspace.js';
import type { KeyspaceStaging } from '../keyspace/staged-store.js';
import { Versions } from '../keyspace/versions.js';
import { ExternalChangeRelay } from './external-change-relay.js';
import type { KeyspaceContext } from './keyspace-context.js';
import { belowEncryption, encryptedLayer, storeStack } from './store-stack.js';

/** Opens a project read-only: writes not a single byte. Rejects with `unavailable` if it cannot be read. */
export async function openReadOnlyKeyspace(project: Project, context: KeyspaceContext): Promise<Keyspace> {
  const storage = context.storages.of(project.id);
  if (!(await storage.load())) throw unknownProject(project.id);
  const relay = new ExternalChangeRelay();
  const opened = await storage.openReadOnly(belowEncryption(relay), project.storage.encryption);
  const rules = context.rulesOf(project);
  const { store, swappable } = storeStack(encryptedLayer(opened), () => rules);
  const refuse = async () => {
    throw new AppError('forbidden', `Project '${project.id}' is opened read-only`);
  };
  const versions = new Versions(context.clock, storage.record.versionFloor, refuse);
  const staging: KeyspaceStaging = {
    requiresMigration: refuse,
    stageMigration: refuse,
    stageReplacement: refuse,
    revert: refuse,
  };
  const keyspace = new Keyspace(project.id, store, swappable, context.clock, versions, rules, staging);
  relay.relayTo(keyspace.externalChanges);
  return keyspace;
}
