import { type Credential, type NewKey, SCOPES, type SecondaryKey } from '../../domain/api-key.js';
import type { Project } from '../../domain/project.js';
import { engineOf, IN_MEMORY_ENGINE } from './check-storage.js';
import type { ApiKeySettings, AuthenticationSettings } from './settings/key-settings.js';
import type { ProjectEntry } from './settings/project-settings.js';

/** A project as clients see it, with every default. */
export function projectFromSettings(entry: ProjectEntry): Project {
  const { id, storage, authentication, security, limits, cors, dialects } = entry;
  const engine = engineOf(storage);
  return {
    id,
    storage: {
      engine,
      on_disk: engine !== IN_MEMORY_ENGINE,
      ...withoutUndefined({
        options: storage.options,
        encryption: storage.encryption && { ...storage.encryption },
        snapshots: storage.snapshots && { ...storage.snapshots },
        keep_old_for: storage.keep_old_for,
      }),
    },
    authentication: {
      enabled: authentication.enabled,
      save_api_key_to_config: authentication.save_api_key_to_config,
    },
    security: { keys_and_values_discoverable: security.keys_and_values_discoverable },
    ...withoutUndefined({
      limits: limits && withoutUndefined({ ...limits }),
      cors: cors && { origins: cors.origins },
      dialects: dialects.length === 0 ? undefined : dialects,
    }),
  };
}

/**
 * A new project as a member of `projects` in the file. Without `on_disk`: `engine` wins over it, so editing it by hand
 * would change nothing.
 */
export function storedProject(project: Project, primary: NewKey | undefined): object {
  const { id, storage, authentication, security, limits, cors, dialects } = project;
  const { on_disk: _, ...storedStorage } = storage;
  const key = storedKey(primary, authentication.save_api_key_to_config);
  return {
    id,
    storage: storedStorage,
    authentication: { ...authentication, ...key },
    security,
    ...withoutUndefined({ limits, cors, dialects }),
  };
}

/** The members of `authentication` that hold a key. */
export function storedKey(key: NewKey | undefined, plain: boolean): Readonly<Record<string, string | null>> {
  return {
    api_key: (plain && key?.secret) || null,
    api_key_id: key?.keyId ?? null,
    api_key_hash: key?.hash ?? null,
  };
}

/** The primary key in the settings, if any; `project` is undefined for the system's. */
export function credentialOf(project: string | undefined, key: AuthenticationSettings): Credential | undefined {
  if (!key.api_key_hash) return undefined;
  return primaryCredential(project, { keyId: key.api_key_id ?? undefined, hash: key.api_key_hash });
}

/** The system key may administer and has no rights to entries; a project's primary key has all rights in it. */
export function primaryCredential(
  project: string | undefined,
  key: { readonly keyId: string | undefined; readonly hash: string },
): Credential {
  const scopes = project === undefined ? (['admin'] as const) : SCOPES;
  return { keyId: key.keyId, project, primary: true, hash: key.hash, name: 'primary', scopes };
}

/** The secondary key in the settings of a project. */
export function secondaryKeyFrom(project: string, key: ApiKeySettings): SecondaryKey {
  const { id, name, scopes, prefix, hash, created_at, expires_at, previous } = key;
  return {
    keyId: id,
    project,
    primary: false,
    hash,
    name,
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    createdAt: created_at * 1000,
    ...(prefix === undefined ? {} : { prefix }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at * 1000 }),
    ...(previous === undefined ? {} : { previous: { hash: previous.hash, until: previous.until * 1000 } }),
  };
}

/** A secondary key as a member of `api_keys` in the file. */
export function storedSecondaryKey({
  keyId,
  name,
  scopes,
  prefix,
  hash,
  createdAt = 0,
  expiresAt,
  previous,
}: SecondaryKey): object {
  return withoutUndefined({
    id: keyId,
    name,
    scopes,
    prefix,
    hash,
    created_at: createdAt / 1000,
    expires_at: expiresAt === undefined ? undefined : expiresAt / 1000,
    previous: previous && { hash: previous.hash, until: previous.until / 1000 },
  });
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function withoutUndefined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
