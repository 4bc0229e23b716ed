import { dirname, join } from 'node:path';

import { container } from 'tsyringe';
import { CheckAccess } from '../application/access/check-access.js';
import { ActiveWatches } from '../application/changes/active-watches.js';
import { KeyedMutex } from '../application/keyed-mutex.js';
import { Keyspaces } from '../application/keyspace/keyspaces.js';
import { Migrations } from '../application/migrations/migrations.js';
import { Audit } from '../application/ports/audit.js';
import { Ciphers } from '../application/ports/cipher.js';
import { Clock } from '../application/ports/clock.js';
import { NewDigest } from '../application/ports/digest.js';
import { EntryHash } from '../application/ports/entry-hash.js';
import { Logger } from '../application/ports/logger.js';
import { Metrics } from '../application/ports/metrics.js';
import { Credentials } from '../application/ports/registry/credentials.js';
import { KeyUsage } from '../application/ports/registry/key-usage.js';
import { Projects } from '../application/ports/registry/projects.js';
import { SnapshotFiles } from '../application/ports/registry/snapshot-files.js';
import { SecretHasher } from '../application/ports/secret-hasher.js';
import { ServerSettings } from '../application/ports/server-settings.js';
import { SystemStatus } from '../application/ports/system-status.js';
import { ProjectMutex } from '../application/project-mutex.js';
import { SnapshotScheduler } from '../application/snapshots/snapshot-scheduler.js';
import { Snapshots } from '../application/snapshots/snapshots.js';
import type { ConfigFile } from '../infrastructure/config/config-file.js';
import { ConfiguredCredentials } from '../infrastructure/config/configured-credentials.js';
import { ConfiguredProjects } from '../infrastructure/config/configured-projects.js';
import { configSchema } from '../infrastructure/config/settings/config-schema.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import { FreeSpace, withRoom } from '../infrastructure/files/free-space.js';
import { AuditFile } from '../infrastructure/observability/audit-file.js';
import { KeyUsageFile } from '../infrastructure/observability/key-usage-file.js';
import { ProcessStatus } from '../infrastructure/observability/process-status.js';
import { PrometheusMetrics } from '../infrastructure/observability/prometheus-metrics.js';
import { projectRules } from '../infrastructure/rules/project-rules.js';
import { ConfiguredCiphers } from '../infrastructure/security/configured-ciphers.js';
import { shaDigest } from '../infrastructure/security/sha-digest.js';
import { shaEntryHash } from '../infrastructure/security/sha-entry-hash.js';
import { KeyspaceRegistry } from '../infrastructure/storage/lifecycle/keyspace-registry.js';
import { FileSnapshots } from '../infrastructure/storage/snapshots/file-snapshots.js';
import { SseStreams } from '../interfaces/rest/changes/sse-streams.js';
import { HttpLimits } from '../interfaces/rest/connection/http-limits.js';
import { Handlers } from '../interfaces/rest/handlers.js';
import { openApiOf } from '../interfaces/rest/openapi/document.js';
import { RequestPipeline } from '../interfaces/rest/request-pipeline.js';
import { routesOf } from '../interfaces/rest/route-table.js';

/** What the outside decides before anything can be built. */
export interface Bootstrap {
  readonly file: ConfigFile;
  readonly settings: Settings;
  /** Absolute. */
  readonly dataFolder: string;
  readonly version: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly hasher: SecretHasher;
  readonly limits: HttpLimits;
  /** Whether keys are asked for at all. */
  readonly authenticate: boolean;
  /** Ends the process when a store hangs. */
  abortProcess(reason: string): void;
}

/** How often an event stream is told something at least, in ms. */
const BEAT_EVERY = 15_000;

/** Binds every port to its adapter: the only place that knows both. */
export function buildContainer(surroundings: Bootstrap) {
  const { file, settings, dataFolder, version, log, clock, hasher, limits, abortProcess } = surroundings;
  const credentials = new ConfiguredCredentials(file, settings, surroundings.authenticate);
  const projects = new ConfiguredProjects(file, settings, credentials);
  const defaults = { ...settings.system.limits };
  const space = new FreeSpace(dataFolder, settings.system.min_free_bytes);
  const ciphers = new ConfiguredCiphers(dirname(file.path));
  const keyspaces = new KeyspaceRegistry({
    folder: dataFolder,
    clock,
    log,
    projects,
    hash: shaEntryHash,
    ciphers,
    space,
    rulesOf: (project) => {
      const rules = projectRules(project.limits, defaults, !project.security.keys_and_values_discoverable);
      return project.storage.on_disk ? withRoom(rules, space) : rules;
    },
    abortProcess,
  });
  const status = new ProcessStatus(projects, dataFolder, version, log);
  const keyUses = new KeyUsageFile(join(dataFolder, 'last-use.portkv.json'), log);
  const { data_writes: dataWrites, max_bytes: maxBytes, keep } = settings.system.audit;
  const auditPath = join(dataFolder, 'audit.portkv.ndjson');
  const audit = new AuditFile(auditPath, { dataWrites, maxBytes, keep }, clock, log);
  const { security, metrics, cors, rate_limits, trust_proxy } = settings.system;
  const serverSettings: ServerSettings = {
    projectDiscoverable: security.project_discoverable,
    metricsPublic: metrics.public,
    origins: cors.origins,
    rates: { perKey: rate_limits.per_key, perAddress: rate_limits.per_address },
    trustedProxies: trust_proxy,
  };
  const bound = container.createChildContainer();
  bound.registerInstance(Clock, clock);
  bound.registerInstance(Logger, log);
  bound.registerInstance(SecretHasher, hasher);
  bound.registerInstance(Projects, projects);
  bound.registerInstance(Ciphers, ciphers);
  bound.registerInstance(Credentials, credentials);
  bound.registerInstance(KeyUsage, keyUses);
  bound.registerInstance(Audit, audit);
  bound.registerInstance(Keyspaces, keyspaces);
  bound.registerInstance(ServerSettings, serverSettings);
  bound.registerInstance(SystemStatus, status);
  bound.registerInstance(EntryHash, shaEntryHash);
  bound.registerInstance(ProjectMutex, new KeyedMutex());
  bound.registerInstance(NewDigest, shaDigest);
  bound.registerInstance(SnapshotFiles, new FileSnapshots(dataFolder, log));
  bound.registerInstance(Metrics, new PrometheusMetrics({ projects, keyspaces, hasher }));
  bound.registerInstance(HttpLimits, limits);
  bound.registerSingleton(CheckAccess);
  bound.registerSingleton(Migrations);
  bound.registerSingleton(Snapshots);
  bound.registerSingleton(ActiveWatches);
  const watches = bound.resolve(ActiveWatches);
  bound.registerInstance(SseStreams, new SseStreams(watches, BEAT_EVERY));
  const routes = routesOf(bound.resolve(Handlers), serverSettings, (all) =>
    JSON.stringify(openApiOf(all, configSchema().definitions, version)),
  );
  return {
    keyspaces,
    projects,
    keyUses,
    audit,
    migrations: bound.resolve(Migrations),
    snapshotRoutine: bound.resolve(SnapshotScheduler),
    watches,
    space,
    status,
    routes,
    endpoint: bound.resolve(RequestPipeline),
    bound,
  };
}
