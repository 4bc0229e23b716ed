import { dirname, join } from 'node:path';

import { container } from 'tsyringe';
import { CheckAccess } from './application/access/check-access.js';
import { Watches } from './application/changes/watches.js';
import { Migrations } from './application/copies/migrations.js';
import { SnapshotRoutine } from './application/copies/snapshot-routine.js';
import { Snapshots } from './application/copies/snapshots.js';
import { Audit } from './application/ports/audit.js';
import { Ciphers } from './application/ports/cipher.js';
import { Clock } from './application/ports/clock.js';
import { Credentials } from './application/ports/credentials.js';
import { NewDigest } from './application/ports/digest.js';
import { EntryHash } from './application/ports/entry-hash.js';
import { KeyUses } from './application/ports/key-uses.js';
import { Keyspaces } from './application/ports/keyspaces.js';
import { Logger } from './application/ports/logger.js';
import { Metrics } from './application/ports/metrics.js';
import { Projects } from './application/ports/projects.js';
import { SecretHasher } from './application/ports/secret-hasher.js';
import { ServerSettings } from './application/ports/server-settings.js';
import { SnapshotFiles } from './application/ports/snapshot-files.js';
import { SystemStatus } from './application/ports/system-status.js';
import { ProjectTurns } from './application/projects/project-turns.js';
import { Turns } from './application/turns.js';
import type { ConfigFile } from './infrastructure/config/config-file.js';
import { configSchema } from './infrastructure/config/config-schema.js';
import { ConfiguredCredentials } from './infrastructure/config/configured-credentials.js';
import { ConfiguredProjects } from './infrastructure/config/configured-projects.js';
import type { Settings } from './infrastructure/config/settings.js';
import { FreeSpace, withRoom } from './infrastructure/files/free-space.js';
import { AuditFile } from './infrastructure/observability/audit-file.js';
import { ProcessStatus } from './infrastructure/observability/process-status.js';
import { PrometheusMetrics } from './infrastructure/observability/prometheus-metrics.js';
import { StoredKeyUses } from './infrastructure/observability/stored-key-uses.js';
import { projectRules } from './infrastructure/rules/project-rules.js';
import { ConfiguredCiphers } from './infrastructure/security/configured-ciphers.js';
import { shaDigest } from './infrastructure/security/sha-digest.js';
import { shaEntryHash } from './infrastructure/security/sha-entry-hash.js';
import { ConfiguredKeyspaces } from './infrastructure/storage/configured-keyspaces.js';
import { engines } from './infrastructure/storage/engines.js';
import { FolderSnapshots } from './infrastructure/storage/folder-snapshots.js';
import { Endpoint } from './interfaces/rest/endpoint.js';
import { EventStreams } from './interfaces/rest/event-streams.js';
import { Handlers } from './interfaces/rest/handlers.js';
import { HttpLimits } from './interfaces/rest/http-limits.js';
import { openApiOf } from './interfaces/rest/openapi/document.js';
import { routesOf } from './interfaces/rest/routes.js';

/** What the outside decides before anything can be built. */
export interface Surroundings {
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
  readonly locked: boolean;
  /** Ends the process when a store hangs. */
  giveUp(reason: string): void;
}

/** How often an event stream is told something at least, in ms. */
const BEAT_EVERY = 15_000;

/** Binds every port to its adapter: the only place that knows both. */
export function buildContainer(surroundings: Surroundings) {
  const { file, settings, dataFolder, version, log, clock, hasher, limits, giveUp } = surroundings;
  const credentials = new ConfiguredCredentials(file, settings, surroundings.locked);
  const projects = new ConfiguredProjects(file, settings, engines, credentials);
  const defaults = { ...settings.system.limits };
  const space = new FreeSpace(dataFolder, settings.system.min_free_bytes);
  const ciphers = new ConfiguredCiphers(dirname(file.path));
  const keyspaces = new ConfiguredKeyspaces({
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
    giveUp,
  });
  const status = new ProcessStatus(projects, dataFolder, version, log);
  const keyUses = new StoredKeyUses(join(dataFolder, 'last-use.portkv.json'), log);
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
  bound.registerInstance(KeyUses, keyUses);
  bound.registerInstance(Audit, audit);
  bound.registerInstance(Keyspaces, keyspaces);
  bound.registerInstance(ServerSettings, serverSettings);
  bound.registerInstance(SystemStatus, status);
  bound.registerInstance(EntryHash, shaEntryHash);
  bound.registerInstance(ProjectTurns, new Turns());
  bound.registerInstance(NewDigest, shaDigest);
  bound.registerInstance(SnapshotFiles, new FolderSnapshots(dataFolder, log));
  bound.registerInstance(Metrics, new PrometheusMetrics({ projects, keyspaces, hasher }));
  bound.registerInstance(HttpLimits, limits);
  bound.registerSingleton(CheckAccess);
  bound.registerSingleton(Migrations);
  bound.registerSingleton(Snapshots);
  bound.registerSingleton(Watches);
  const watches = bound.resolve(Watches);
  bound.registerInstance(EventStreams, new EventStreams(watches, BEAT_EVERY));
  const routes = routesOf(bound.resolve(Handlers), serverSettings, (all) =>
    JSON.stringify(openApiOf(all, configSchema().definitions, version)),
  );
  return {
    keyspaces,
    projects,
    keyUses,
    audit,
    migrations: bound.resolve(Migrations),
    snapshotRoutine: bound.resolve(SnapshotRoutine),
    watches,
    space,
    status,
    routes,
    endpoint: bound.resolve(Endpoint),
    bound,
  };
}
