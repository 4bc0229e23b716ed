import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { rules } from '../../../src/application/access/access-rules.js';
import { CheckAccess } from '../../../src/application/access/check-access.js';
import { CreateApiKey } from '../../../src/application/api-keys/create-api-key.js';
import { DeleteApiKey } from '../../../src/application/api-keys/delete-api-key.js';
import { RotateApiKey } from '../../../src/application/api-keys/rotate-api-key.js';
import { Keyspaces } from '../../../src/application/keyspace/keyspaces.js';
import { KeyspaceRegistry } from '../../../src/application/lifecycle/keyspace-registry.js';
import { CreateProject } from '../../../src/application/projects/create-project.js';
import { OwnNode } from '../../../src/application/server-info/own-node.js';
import { buildContainer } from '../../../src/composition/container.js';
import { type Identity, SCOPES, SERVER_IDENTITY } from '../../../src/domain/api-key.js';
import { AppError } from '../../../src/domain/errors.js';
import { ConfigFile } from '../../../src/infrastructure/config/config-file.js';
import { writeFirstConfig } from '../../../src/infrastructure/config/first-config.js';
import { type LoadedConfig, loadConfig } from '../../../src/infrastructure/config/load-config.js';
import { Argon2Hasher } from '../../../src/infrastructure/security/argon2-hasher.js';
import { httpLimits } from '../../../src/interfaces/rest/connection/http-limits.js';
import type { KeyMaker } from '../../harness/caller-kinds.js';

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: undefined };

/** The use cases of a server as the container builds them, on real storage, without any transport. */
export class CoreServer {
  private constructor(
    private readonly folder: string,
    private readonly container: DependencyContainer,
    readonly systemKey: string,
    private readonly clock: { time: number },
  ) {}

  static async start(): Promise<CoreServer> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const [file, hasher] = [new ConfigFile(join(folder, 'config.json')), new Argon2Hasher()];
    const { system } = await writeFirstConfig(file, hasher);
    const { settings } = (await loadConfig(file, hasher)) as LoadedConfig;
    const [clock, dataFolder] = [{ time: Date.now() }, join(folder, 'storage_data')];
    await mkdir(dataFolder);
    const container = buildContainer({
      file,
      settings,
      dataFolder,
      node: new OwnNode(undefined, 'test'),
      log: silent,
      clock: { now: () => clock.time },
      hasher,
      limits: httpLimits,
      isLocal: true,
      authenticate: true,
      abortProcess: (reason) => {
        throw new Error(reason);
      },
    });
    await container.resolve(KeyspaceRegistry).start();
    return new CoreServer(folder, container, system, clock);
  }

  readonly resolve = <T>(token: InjectionToken<T>): T => this.container.resolve(token);

  async stop(): Promise<void> {
    await this.resolve(KeyspaceRegistry).close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Who presents a secret, if it opens anything in the project or the system. */
  async identify(secret: string | undefined, project?: string): Promise<Identity | undefined> {
    this.clock.time += 61_000;
    const rule = project === undefined ? rules.any : rules.member;
    try {
      return await this.resolve(CheckAccess).execute(secret, rule, project, () => '127.0.0.1');
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated') return undefined;
      throw error;
    }
  }

  async project(id: string, settings: object = {}): Promise<string> {
    const all = { storage: { engine: 'memory' }, ...settings };
    return (await this.resolve(CreateProject).execute(SERVER_IDENTITY, id, all)) ?? '';
  }

  async put(project: string, key: string, text: string): Promise<void> {
    const keyspace = await this.resolve<Keyspaces>(Keyspaces).of(project);
    await keyspace.write([key], (_, stamp) => {
      const times = { version: stamp.version(), createdAt: stamp.now, updatedAt: stamp.now };
      return { result: undefined, put: [{ key, value: Buffer.from(text), contentType: 'application/json', ...times }] };
    });
  }

  keyMaker(): KeyMaker {
    return {
      systemKey: this.systemKey,
      project: (id) => this.project(id),
      key: async ({ scopes = SCOPES, prefix, expiresIn }) => {
        const wanted = { name: 'test', scopes, prefix, expiresIn };
        const { key, secret } = await this.resolve(CreateApiKey).execute(SERVER_IDENTITY, 'p', wanted);
        return { id: key.keyId, key: secret };
      },
      rotate: async (id, grace) => (await this.resolve(RotateApiKey).execute(SERVER_IDENTITY, 'p', id, grace)).secret,
      remove: (id) => this.resolve(DeleteApiKey).execute(SERVER_IDENTITY, 'p', id),
      wait: (ms) => {
        this.clock.time += ms;
      },
    };
  }
}
