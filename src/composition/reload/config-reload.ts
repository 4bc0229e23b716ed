import { setTimeout as sleep } from 'node:timers/promises';
import type { DependencyContainer } from 'tsyringe';
import { KeyspaceRegistry } from '../../application/lifecycle/keyspace-registry.js';
import { Migrations } from '../../application/migrations/migrations.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import type { ConfigFile } from '../../infrastructure/config/config-file.js';
import { ConfiguredCredentials } from '../../infrastructure/config/configured-credentials.js';
import { ConfiguredProjects } from '../../infrastructure/config/configured-projects.js';
import { type HashedKey, hashesOf, storeHashes } from '../../infrastructure/config/hash-plain-keys.js';
import { loadedConfig } from '../../infrastructure/config/load-config.js';
import type { ServerCertificate } from '../../infrastructure/config/server-certificate.js';
import { keyHolders, type Settings } from '../../infrastructure/config/settings/settings.js';
import { projectFromSettings } from '../../infrastructure/config/stored-project.js';
import { FreeSpace } from '../../infrastructure/files/free-space.js';
import type { AdjustableLogger } from '../../infrastructure/observability/pino-logger.js';
import { changedSettings, takeOver } from './changed-settings.js';
import { AppliedProjects, compareProjects, type ReloadedProjects } from './reload-projects.js';

/** How long a server that shares a registry waits until changed projects are opened and closed, in ms. */
const PROJECTS_TIMEOUT = 500;

/** What a reload works on. */
export interface Reloadable {
  readonly file: ConfigFile;
  /** Of the running server; the reload changes them. */
  readonly settings: Settings;
  readonly container: DependencyContainer;
  readonly hasher: SecretHasher;
  readonly log: AdjustableLogger;
  readonly certificates: readonly Pick<ServerCertificate, 'reread'>[];
  /** Whether the command line gave the level of the log, which then stays. */
  readonly hasFixedLevel: boolean;
  /** Rejects with `invalid` if the transports are wrong. */
  checkTransports(settings: Settings): Promise<unknown>;
  /** Runs after a project was closed that is gone. */
  readonly projectRemoved?: ((project: string) => Promise<void>) | undefined;
  /** Runs after projects were taken over. */
  readonly registryChanged?: (() => void) | undefined;
}

/** Reads the configuration again and takes over what needs no restart. */
export class ConfigReload {
  #tail: Promise<void> = Promise.resolve();
  #lastProblem: string | undefined;

  readonly #projects: AppliedProjects;

  constructor(private readonly server: Reloadable) {
    const { container, log, projectRemoved: removed } = server;
    const [keyspaces, migrations] = [container.resolve(KeyspaceRegistry), container.resolve(Migrations)];
    this.#projects = new AppliedProjects({ keyspaces, migrations, log, removed });
  }

  /**
   * One reload after another. A file with a mistake changes nothing: the mistakes are logged. While the file is read
   * and its keys and projects replace those in memory, no change by API is made to it. `isRepeated` logs a mistake only
   * once if it stays the same, and nothing if nothing has changed.
   */
  run(isRepeated = false): Promise<void> {
    this.#tail = this.#tail.then(() => this.#reload(isRepeated));
    return this.#tail;
  }

  async #reload(isRepeated: boolean): Promise<void> {
    const { file, log, certificates } = this.server;
    try {
      const { hashed, finish } = await file.reread((config) => this.#takeOver(config, isRepeated));
      for (const warning of await storeHashes(hashed, file)) log.warn({}, warning);
      for (const certificate of certificates) certificate.reread();
      await finish();
      this.#lastProblem = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (isRepeated && message === this.#lastProblem) return;
      this.#lastProblem = message;
      log.error({}, `The configuration was not reloaded, nothing has changed: ${message}`);
    }
  }

  /** Checks everything before it changes anything. Returns what has to follow once the file is free again. */
  async #takeOver(
    config: unknown,
    isRepeated: boolean,
  ): Promise<{ hashed: readonly HashedKey[]; finish: () => Promise<void> }> {
    const { file, settings, container, hasher, log, hasFixedLevel } = this.server;
    const [keys, projects] = [container.resolve(ConfiguredCredentials), container.resolve(ConfiguredProjects)];
    const keyspaces = container.resolve(KeyspaceRegistry);
    const { settings: next } = await loadedConfig(config, file, hasher);
    await this.server.checkTransports(next);
    for (const { project, key } of keyHolders(next)) {
      // A plain key that was used already keeps its hash, so that it is not taken for another key.
      if (key.api_key && !key.api_key_hash) key.api_key_hash = keys.primaryOf(project)?.hash ?? null;
    }
    const hashed = await hashesOf(next, hasher);
    const compared = await compareProjects(
      projects.list(),
      next.projects.map(projectFromSettings),
      file.shared === undefined ? keyspaces : undefined,
    );
    const { applied, restart } = changedSettings(settings, next);
    keys.reload(next);
    projects.reload(compared.projects);
    takeOver(settings.system, next.system);
    if (file.shared !== undefined) await keyspaces.follow();
    container.resolve(FreeSpace).setReserve(settings.system.min_free_bytes);
    if (!hasFixedLevel) log.setLevel(settings.system.logging.level);
    const finish = async () => {
      const limits = applied.some((path) => path.startsWith('system.limits'));
      const applying = this.#projects.apply(compared, limits);
      // Other servers wait for this one: a project whose store does not answer goes on by itself.
      await (file.shared === undefined ? applying : Promise.race([applying, sleep(PROJECTS_TIMEOUT)]));
      this.server.registryChanged?.();
      this.#report(applied, [...restart, ...compared.restart], compared, isRepeated);
    };
    return { hashed, finish };
  }

  #report(
    settings: readonly string[],
    restart: readonly string[],
    compared: ReloadedProjects,
    isRepeated: boolean,
  ): void {
    const { log, container } = this.server;
    const { added, changed, removed } = compared;
    const isSame = [settings, restart, added, changed, removed].every(({ length }) => length === 0);
    if (isRepeated && isSame) return;
    log.info({ settings, added, changed, removed }, 'the configuration was reloaded');
    if (restart.length > 0) log.warn({ restart }, `${restart.join(', ')}: changes only at the next start`);
    const keys = container.resolve(ConfiguredCredentials);
    for (const id of added) {
      if (!keys.required(id) || keys.primaryOf(id) !== undefined) continue;
      log.warn({ project: id }, 'the project has no key: regenerate its key with the system key, or restart');
    }
  }
}
