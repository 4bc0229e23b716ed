import { dirname, join } from 'node:path';
import { container, type DependencyContainer, instanceCachingFactory } from 'tsyringe';
import { ActiveWatches } from '../application/changes/active-watches.js';
import { KeyedMutex } from '../application/keyed-mutex.js';
import { Keyspaces } from '../application/keyspace/keyspaces.js';
import { KeyspaceContext } from '../application/lifecycle/keyspace-context.js';
import { KeyspaceRegistry } from '../application/lifecycle/keyspace-registry.js';
import { AccessSettings } from '../application/ports/access-settings.js';
import { Audit } from '../application/ports/audit.js';
import { Ciphers } from '../application/ports/cipher.js';
import { Clock } from '../application/ports/clock.js';
import { EntryHash, NewDigest } from '../application/ports/digest.js';
import { Logger } from '../application/ports/logger.js';
import { Metrics } from '../application/ports/metrics.js';
import { PathNames } from '../application/ports/path-names.js';
import { ProjectStorages } from '../application/ports/project-storage.js';
import { Credentials } from '../application/ports/registry/credentials.js';
import { KeyUsage } from '../application/ports/registry/key-usage.js';
import { Leases } from '../application/ports/registry/leases.js';
import { Nodes } from '../application/ports/registry/nodes.js';
import { Projects } from '../application/ports/registry/projects.js';
import { RatesElsewhere } from '../application/ports/registry/rates-elsewhere.js';
import { SnapshotStorage } from '../application/ports/registry/snapshot-storage.js';
import { SecretHasher } from '../application/ports/secret-hasher.js';
import { SystemStatus } from '../application/ports/system-status.js';
import { ProjectMutex } from '../application/project-mutex.js';
import { OwnNode } from '../application/server-info/own-node.js';
import type { Project } from '../domain/project.js';
import { ConfigFile } from '../infrastructure/config/config-file.js';
import { ConfiguredCredentials } from '../infrastructure/config/configured-credentials.js';
import { ConfiguredProjects } from '../infrastructure/config/configured-projects.js';
import { settingsSchemas } from '../infrastructure/config/settings/config-schema.js';
import { Settings } from '../infrastructure/config/settings/settings.js';
import type { FileSystem } from '../infrastructure/files/file-system.js';
import { FreeSpace, withRoom } from '../infrastructure/files/free-space.js';
import { Authenticate, ConfigFolderPath, DataFolderPath, ServerVersion } from '../infrastructure/injection-tokens.js';
import { AuditFile } from '../infrastructure/observability/audit-file.js';
import { KeyUsageFile } from '../infrastructure/observability/key-usage-file.js';
import { ProcessStatus } from '../infrastructure/observability/process-status.js';
import { PrometheusMetrics } from '../infrastructure/observability/prometheus-metrics.js';
import { RegistryConfigFile } from '../infrastructure/registry/registry-config-file.js';
import { RegistryNodes } from '../infrastructure/registry/registry-nodes.js';
import { SingleNode } from '../infrastructure/registry/single-node.js';
import { projectRules } from '../infrastructure/rules/project-rules.js';
import { ConfiguredCiphers } from '../infrastructure/security/configured-ciphers.js';
import { shaDigest } from '../infrastructure/security/sha-digest.js';
import { shaEntryHash } from '../infrastructure/security/sha-entry-hash.js';
import { DataFolderNames } from '../infrastructure/storage/data-folder-names.js';
import { isRemoteEngine } from '../infrastructure/storage/engines/registry.js';
import { maxOpenStores } from '../infrastructure/storage/on-demand/handle-limit.js';
import { StorePool } from '../infrastructure/storage/on-demand/store-pool.js';
import type { SharedPlacements } from '../infrastructure/storage/placement/data-folder-context.js';
import { LocalProjectStorages } from '../infrastructure/storage/placement/local-project-storages.js';
import { FileSnapshots } from '../infrastructure/storage/snapshots/file-snapshots.js';
import { SharedSnapshots } from '../infrastructure/storage/snapshots/shared-snapshots.js';
import { SseStreams } from '../interfaces/rest/changes/sse-streams.js';
import { HttpLimits } from '../interfaces/rest/connection/http-limits.js';
import { ApiDescription } from '../interfaces/rest/openapi/api-description.js';
import { RestSettings } from '../interfaces/rest/rest-settings.js';

/** The longest time without a write to an event stream, in ms. */
const HEARTBEAT_INTERVAL = 15_000;

/** What is known before the container is built. */
export interface Bootstrap {
  readonly file: ConfigFile;
  readonly settings: Settings;
  /** An absolute path. */
  readonly dataFolder: string;
  /** Of the data folder, if it was probed. */
  readonly fileSystem?: FileSystem;
  readonly node: OwnNode;
  readonly log: Logger;
  readonly clock: Clock;
  readonly hasher: SecretHasher;
  readonly limits: HttpLimits;
  /** Whether only this machine reaches the server. */
  readonly isLocal: boolean;
  /** Where the data of the projects is that other servers use, too. */
  readonly shared?: SharedPlacements | undefined;
  /** Whether keys are required at all. */
  readonly authenticate: boolean;
  /** Ends the process if a store hangs. */
  abortProcess(reason: string): void;
}

/**
 * Binds every port to its adapter. Use cases and handlers need no binding: they are classes that declare their
 * dependencies.
 */
export function buildContainer(bootstrap: Bootstrap): DependencyContainer {
  const bound = container.createChildContainer();
  bindValues(bound, bootstrap);
  bindRegistry(bound, bootstrap);
  bindStorage(bound, bootstrap);
  bindObservability(bound, bootstrap);
  return bound;
}

function bindValues(bound: DependencyContainer, bootstrap: Bootstrap): void {
  const { log, clock, hasher, limits, settings, node, dataFolder, file } = bootstrap;
  // Getters: a reload of the configuration changes the settings.
  const { system } = settings;
  bound.registerInstance(Logger, log);
  bound.registerInstance(Clock, clock);
  bound.registerInstance(SecretHasher, hasher);
  bound.registerInstance(EntryHash, shaEntryHash);
  bound.registerInstance(NewDigest, shaDigest);
  bound.registerInstance(HttpLimits, limits);
  bound.registerInstance(ProjectMutex, new KeyedMutex());
  bound.registerInstance<AccessSettings>(AccessSettings, {
    get projectDiscoverable() {
      return system.security.project_discoverable;
    },
    metricsPublic: system.metrics.public,
    get ratePerKey() {
      return system.rate_limits.per_key;
    },
    get ratePerAddress() {
      return system.rate_limits.per_address;
    },
    maxWaiting: limits.maxWaiting,
  });
  bound.registerInstance<PathNames>(PathNames, new DataFolderNames(dataFolder, dirname(file.path)));
  bound.registerInstance<RestSettings>(RestSettings, {
    get origins() {
      return system.cors.origins;
    },
    get trustedProxies() {
      return system.trust_proxy;
    },
    get consoleEnabled() {
      return system.console.enabled ?? bootstrap.isLocal;
    },
  });
  bound.register(SseStreams, {
    useFactory: instanceCachingFactory((of) => new SseStreams(of.resolve(ActiveWatches), HEARTBEAT_INTERVAL)),
  });
  bound.register(ApiDescription, {
    useFactory: instanceCachingFactory(() => new ApiDescription(settingsSchemas().sections, node.version)),
  });
}

/** Projects and credentials of a configuration, and key usage. */
function bindRegistry(bound: DependencyContainer, bootstrap: Bootstrap): void {
  const { file, settings, authenticate, dataFolder, log, node } = bootstrap;
  const { system } = settings;
  bound.registerInstance(ConfigFile, file);
  bound.registerInstance(Settings, settings);
  bound.registerInstance(Authenticate, authenticate);
  bound.register(Credentials, { useToken: ConfiguredCredentials });
  bound.register(Projects, { useToken: ConfiguredProjects });
  bound.registerInstance(Leases, file.leases);
  bound.registerInstance<RatesElsewhere>(RatesElsewhere, {
    of: (kind, name) => (system.rate_limits.shared ? file.rates.of(kind, name) : undefined),
    report: (kind, used) => file.rates.report(kind, () => (system.rate_limits.shared ? used() : new Map())),
  });
  bound.registerInstance(OwnNode, node);
  const nodes = file instanceof RegistryConfigFile ? new RegistryNodes(file.node, file.leases) : new SingleNode(node);
  bound.registerInstance<Nodes>(Nodes, nodes);
  bound.registerInstance(KeyUsage, new KeyUsageFile(join(dataFolder, 'last-use.portkv.json'), log));
}

function bindStorage(bound: DependencyContainer, bootstrap: Bootstrap): void {
  const { file, settings, dataFolder, fileSystem, log, clock, shared, abortProcess } = bootstrap;
  const space = new FreeSpace(dataFolder, settings.system.min_free_bytes);
  bound.registerInstance(FreeSpace, space);
  bound.registerInstance(DataFolderPath, dataFolder);
  bound.registerInstance(ConfigFolderPath, dirname(file.path));
  bound.register(Ciphers, { useToken: ConfiguredCiphers });
  bound.register(SnapshotStorage, {
    useFactory: instanceCachingFactory((of) => {
      const files = of.resolve(FileSnapshots);
      return file instanceof RegistryConfigFile ? new SharedSnapshots(files, file.snapshots, dataFolder, log) : files;
    }),
  });
  const ciphers = bound.resolve<Ciphers>(Ciphers);
  const { max_open_projects: maxOpen = maxOpenStores(), close_idle_after: idleSeconds } = settings.system.storage;
  const pool = new StorePool({ maxOpen, idleAfter: idleSeconds * 1_000 });
  const storages = new LocalProjectStorages({ folder: dataFolder, ciphers, log, space, pool, fileSystem, shared });
  bound.registerInstance(ProjectStorages, storages);
  bound.registerInstance<KeyspaceContext>(KeyspaceContext, {
    storages: bound.resolve(ProjectStorages),
    snapshots: bound.resolve(SnapshotStorage),
    projects: bound.resolve<Projects>(Projects),
    leases: file.leases,
    clock,
    log,
    hash: shaEntryHash,
    rulesOf: (project: Project) => {
      const rules = projectRules(
        project.limits,
        settings.system.limits,
        !project.security.keys_and_values_discoverable,
      );
      const { engine, on_disk } = project.storage;
      return on_disk && !isRemoteEngine(engine) ? withRoom(rules, space) : rules;
    },
    abortProcess,
  });
  bound.register(Keyspaces, { useToken: KeyspaceRegistry });
}

function bindObservability(
  bound: DependencyContainer,
  { settings, dataFolder, node, log, clock, hasher }: Bootstrap,
): void {
  const { system } = settings;
  const auditOptions = {
    get dataWrites() {
      return system.audit.data_writes;
    },
    get maxBytes() {
      return system.audit.max_bytes;
    },
    get keep() {
      return system.audit.keep;
    },
  };
  const auditPath = join(dataFolder, 'audit.portkv.ndjson');
  const projects = bound.resolve<Projects>(Projects);
  bound.registerInstance(Audit, new AuditFile(auditPath, auditOptions, clock, log));
  bound.registerInstance(ServerVersion, node.version);
  bound.register(SystemStatus, { useToken: ProcessStatus });
  const sources = () => ({
    node,
    projects,
    keyspaces: bound.resolve(KeyspaceRegistry),
    hasher,
    watches: bound.resolve(ActiveWatches),
    space: bound.resolve(FreeSpace),
  });
  bound.registerInstance(Metrics, new PrometheusMetrics(sources));
}
