import type { Credentials } from '../../application/ports/registry/credentials.js';
import type { NewKey } from '../../application/ports/registry/projects.js';
import type { Credential, SecondaryKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { ConfigFile } from './config-file.js';
import { authenticationPath, valueAt } from './config-paths.js';
import { SecondaryKeys } from './secondary-keys.js';
import type { AuthenticationSettings } from './settings/key-settings.js';
import type { Settings } from './settings/settings.js';
import { credentialOf, primaryCredential, secondaryKeyFrom, storedKey } from './stored-project.js';

interface Holder {
  readonly enabled: boolean;
  /** Whether the plain key is stored too. */
  readonly plain: boolean;
  readonly credential: Credential | undefined;
}

/** The keys in `config.json`: the primary one of the system (undefined) and of each project, and a project's further ones. */
export class ConfiguredCredentials implements Credentials {
  readonly #holders = new Map<string | undefined, Holder>();
  readonly #byKeyId = new Map<string, Credential>();
  readonly #listeners: ((credential: Credential) => void)[] = [];
  readonly #file: ConfigFile;
  readonly #further: SecondaryKeys;
  readonly #locked: boolean;

  /** Where it is not `locked`, no key is asked for, whatever the settings say. */
  constructor(file: ConfigFile, settings: Settings, locked = true) {
    this.#locked = locked;
    this.#file = file;
    this.#further = new SecondaryKeys(file, this.#byKeyId, (credential) => this.#tell(credential));
    const { system, projects } = settings;
    this.hold(undefined, system.authentication, credentialOf(undefined, system.authentication));
    for (const { id, authentication, api_keys = [] } of projects) {
      this.hold(id, authentication, credentialOf(id, authentication));
      for (const key of api_keys) this.#further.hold(secondaryKeyFrom(id, key));
    }
  }

  byKeyId(keyId: string): Credential | undefined {
    return this.#byKeyId.get(keyId);
  }

  primaryOf(project: string | undefined): Credential | undefined {
    return this.#holders.get(project)?.credential;
  }

  primaries(): readonly Credential[] {
    return [...this.#holders.values()].flatMap(({ credential }) => credential ?? []);
  }

  secondaryKeysOf(project: string): readonly SecondaryKey[] {
    return this.#further.of(project);
  }

  required(project: string | undefined): boolean {
    return this.#locked && (this.#holders.get(project)?.enabled ?? true);
  }

  async replacePrimary(project: string | undefined, key: NewKey): Promise<void> {
    const holder = this.#holder(project);
    const members = Object.entries(storedKey(key, holder.plain));
    await this.#file.change(
      (config) => {
        const path = authenticationPath(config, project);
        if (path === undefined || this.#holders.get(project) === undefined) throw gone(project);
        return members.map(([name, value]) => ({ path: [...path, name], value }));
      },
      () => this.#put(project, { ...holder, credential: primaryCredential(project, key) }),
    );
  }

  /** Not where the stored hash is another by now, in memory or by a hand edit in the file. */
  async upgradeHash(credential: Credential, hash: string): Promise<void> {
    const { project } = credential;
    let upgraded = false;
    await this.#file.change(
      (config) => {
        const path = authenticationPath(config, project);
        if (path === undefined || this.primaryOf(project) !== credential) return [];
        upgraded = valueAt(config, [...path, 'api_key_hash']) === credential.hash;
        return upgraded ? [{ path: [...path, 'api_key_hash'], value: hash }] : [];
      },
      () => {
        if (upgraded) this.#put(project, { ...this.#holder(project), credential: { ...credential, hash } }, false);
      },
    );
  }

  async add(key: SecondaryKey): Promise<void> {
    this.#holder(key.project);
    await this.#further.add(key);
  }

  async replace(key: SecondaryKey, next: SecondaryKey): Promise<void> {
    await this.#further.replace(key, next);
  }

  async remove(key: SecondaryKey): Promise<void> {
    await this.#further.replace(key, undefined);
  }

  onRevoked(listener: (credential: Credential) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes up what is on disk already: the key of a new project, or of one that was read. */
  hold(project: string | undefined, settings: AuthenticationFlags, credential: Credential | undefined): void {
    this.#put(project, { enabled: settings.enabled, plain: settings.save_api_key_to_config, credential });
  }

  /** Forgets the keys of a project that is gone from the disk. */
  drop(project: string): void {
    this.#put(project, undefined);
    this.#further.drop(project);
  }

  #holder(project: string | undefined): Holder {
    const holder = this.#holders.get(project);
    if (holder === undefined) throw gone(project);
    return holder;
  }

  #put(project: string | undefined, holder: Holder | undefined, revokes = true): void {
    const before = this.#holders.get(project)?.credential;
    if (before?.keyId !== undefined) this.#byKeyId.delete(before.keyId);
    if (holder === undefined) this.#holders.delete(project);
    else this.#holders.set(project, holder);
    const after = holder?.credential;
    if (after?.keyId !== undefined) this.#byKeyId.set(after.keyId, after);
    if (before !== undefined && revokes) this.#tell(before);
  }

  #tell(credential: Credential): void {
    for (const listener of this.#listeners) listener(credential);
  }
}

type AuthenticationFlags = Pick<AuthenticationSettings, 'enabled' | 'save_api_key_to_config'>;

function gone(project: string | undefined): AppError {
  return new AppError('not_found', `Project with id '${project}' not found`);
}
