import { isDeepStrictEqual } from 'node:util';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Credentials } from '../../application/ports/registry/credentials.js';
import type { Credential, NewKey, SecondaryKey } from '../../domain/api-key.js';
import { projectNotFound } from '../../domain/project.js';
import { Authenticate } from '../injection-tokens.js';
import { authenticationPath, ConfigFile, valueAt } from './config-file.js';
import { SecondaryKeys } from './secondary-keys.js';
import type { AuthenticationSettings } from './settings/key-settings.js';
import { keyHolders, Settings } from './settings/settings.js';
import { credentialOf, primaryCredential, secondaryKeyFrom, storedKey } from './stored-project.js';

interface PrimaryKey {
  /** Whether requests need a key. */
  readonly enabled: boolean;
  /** Whether the plain key is stored, too. */
  readonly plain: boolean;
  readonly credential: Credential | undefined;
}

/** The keys in `config.json`: the primary key of the system (undefined) and of each project, and secondary keys. */
@scoped(Lifecycle.ContainerScoped)
export class ConfiguredCredentials implements Credentials {
  readonly #primaries = new Map<string | undefined, PrimaryKey>();
  readonly #byKeyId = new Map<string, Credential>();
  readonly #listeners: ((credential: Credential) => void)[] = [];
  readonly #secondary: SecondaryKeys;

  /** If `authenticate` is false, requests need no key, whatever the settings are. */
  constructor(
    @inject(ConfigFile) private readonly file: ConfigFile,
    @inject(Settings) settings: Settings,
    @inject(Authenticate) private readonly authenticate = true,
  ) {
    this.#secondary = new SecondaryKeys(file, this.#byKeyId, (credential) => this.#notifyRevoked(credential));
    this.reload(settings);
  }

  /** Replaces all keys by those of settings that were read again; keys that changed or are gone are revoked. */
  reload(settings: Settings): void {
    const next = new Map(keyHolders(settings).map(({ project, key }) => [project, primaryKeyOf(project, key)]));
    const before = [...this.#primaries].filter(([project, key]) => !isDeepStrictEqual(next.get(project), key));
    for (const [project] of before) this.#set(project, undefined, false);
    const secondary = settings.projects.flatMap(({ id, api_keys = [] }) =>
      api_keys.map((key) => secondaryKeyFrom(id, key)),
    );
    const revoked = this.#secondary.reload(secondary);
    for (const [project, key] of next) if (!this.#primaries.has(project)) this.#set(project, key);
    for (const [project, { credential }] of before) {
      if (credential !== undefined && !isDeepStrictEqual(next.get(project)?.credential, credential)) {
        this.#notifyRevoked(credential);
      }
    }
    for (const key of revoked) this.#notifyRevoked(key);
  }

  requireCurrent(): void {
    this.file.requireCurrent();
  }

  byKeyId(keyId: string): Credential | undefined {
    return this.#byKeyId.get(keyId);
  }

  primaryOf(project: string | undefined): Credential | undefined {
    return this.#primaries.get(project)?.credential;
  }

  primaries(): readonly Credential[] {
    return [...this.#primaries.values()].flatMap(({ credential }) => credential ?? []);
  }

  secondaryKeysOf(project: string): readonly SecondaryKey[] {
    return this.#secondary.of(project);
  }

  required(project: string | undefined): boolean {
    return this.authenticate && (this.#primaries.get(project)?.enabled ?? true);
  }

  async replacePrimary(project: string | undefined, key: NewKey): Promise<void> {
    const primary = this.#requirePrimary(project);
    const members = Object.entries(storedKey(key, primary.plain));
    await this.file.change(
      (config) => {
        const path = authenticationPath(config, project);
        if (path === undefined || this.#primaries.get(project) === undefined) throw projectNotFound(String(project));
        return members.map(([name, value]) => ({ path: [...path, name], value }));
      },
      () => this.#set(project, { ...primary, credential: primaryCredential(project, key) }),
    );
  }

  /** Does nothing if the stored hash is another by now, in memory or by an edit of the file by hand. */
  async upgradeHash(credential: Credential, hash: string): Promise<void> {
    const { project } = credential;
    let upgraded = false;
    await this.file.change(
      (config) => {
        const path = authenticationPath(config, project);
        if (path === undefined || this.primaryOf(project) !== credential) return [];
        upgraded = valueAt(config, [...path, 'api_key_hash']) === credential.hash;
        return upgraded ? [{ path: [...path, 'api_key_hash'], value: hash }] : [];
      },
      () => {
        if (!upgraded) return;
        this.#set(project, { ...this.#requirePrimary(project), credential: { ...credential, hash } }, false);
      },
    );
  }

  async add(key: SecondaryKey): Promise<void> {
    this.#requirePrimary(key.project);
    await this.#secondary.add(key);
  }

  async replace(key: SecondaryKey, next: SecondaryKey): Promise<void> {
    await this.#secondary.replace(key, next);
  }

  async remove(key: SecondaryKey): Promise<void> {
    await this.#secondary.replace(key, undefined);
  }

  onRevoked(listener: (credential: Credential) => void): void {
    this.#listeners.push(listener);
  }

  /** Adds a primary key that is on disk already: of a project that was read or has just been created. */
  register(project: string | undefined, settings: AuthenticationFlags, credential: Credential | undefined): void {
    this.#set(project, { enabled: settings.enabled, plain: settings.save_api_key_to_config, credential });
  }

  /** Removes the keys of a project that is no longer on disk. */
  unregister(project: string): void {
    this.#set(project, undefined);
    this.#secondary.unregister(project);
  }

  #requirePrimary(project: string | undefined): PrimaryKey {
    const primary = this.#primaries.get(project);
    if (primary === undefined) throw projectNotFound(String(project));
    return primary;
  }

  #set(project: string | undefined, primary: PrimaryKey | undefined, revokes = true): void {
    const before = this.#primaries.get(project)?.credential;
    if (before?.keyId !== undefined) this.#byKeyId.delete(before.keyId);
    if (primary === undefined) this.#primaries.delete(project);
    else this.#primaries.set(project, primary);
    const after = primary?.credential;
    if (after?.keyId !== undefined) this.#byKeyId.set(after.keyId, after);
    if (before !== undefined && revokes) this.#notifyRevoked(before);
  }

  #notifyRevoked(credential: Credential): void {
    for (const listener of this.#listeners) listener(credential);
  }
}

function primaryKeyOf(project: string | undefined, settings: AuthenticationSettings): PrimaryKey {
  const { enabled, save_api_key_to_config: plain } = settings;
  return { enabled, plain, credential: credentialOf(project, settings) };
}

type AuthenticationFlags = Pick<AuthenticationSettings, 'enabled' | 'save_api_key_to_config'>;
