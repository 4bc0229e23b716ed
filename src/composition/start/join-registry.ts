import type { DependencyContainer } from 'tsyringe';
import type { Logger } from '../../application/ports/logger.js';
import { ProjectStorages } from '../../application/ports/project-storage.js';
import type { NodeAbout } from '../../application/ports/registry/nodes.js';
import { Projects } from '../../application/ports/registry/projects.js';
import { SnapshotStorage } from '../../application/ports/registry/snapshot-storage.js';
import type { ConfigFile } from '../../infrastructure/config/config-file.js';
import { RegistryConfigFile } from '../../infrastructure/registry/registry-config-file.js';
import type { SharedSnapshots } from '../../infrastructure/storage/snapshots/shared-snapshots.js';
import type { ConfigReload } from '../reload/config-reload.js';
import type { StopSequence } from './stop-sequence.js';

/** If the configuration is in a registry, takes over what changes there from now on. */
export async function joinRegistry(
  file: ConfigFile,
  own: NodeAbout,
  reload: ConfigReload,
  log: Logger,
  stopping: StopSequence,
  container: DependencyContainer,
): Promise<void> {
  if (!(file instanceof RegistryConfigFile)) return;
  const { node, leases } = file;
  stopping.add(() => file.close());
  await node.start(own, () => reload.run(true), log);
  const projects = container.resolve<Projects>(Projects).list();
  await container.resolve<SharedSnapshots>(SnapshotStorage).followAll(projects.map(({ id }) => id));
  leases.start(log);
}

/** What else there is to do if other servers remove projects or snapshots. */
export function projectsChangedElsewhere(file: ConfigFile, container: DependencyContainer) {
  if (!(file instanceof RegistryConfigFile)) return undefined;
  const storages = container.resolve<ProjectStorages>(ProjectStorages);
  const snapshots = container.resolve<SharedSnapshots>(SnapshotStorage);
  return async (removed: readonly string[]) => {
    for (const project of removed) await storages.of(project).removeRecord();
    // By itself: what it notes makes this server read the registry again.
    void snapshots.follow();
  };
}
