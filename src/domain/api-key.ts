/** What a key may do in its project. */
export const SCOPES = ['read', 'write', 'delete', 'list', 'watch', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The rule for the name of a key; continues a sentence that begins with "must be". */
export const KEY_NAME_RULE = '1 to 100 characters, none of them a control character';

/** Whether a value can be the name of a key. */
export function isKeyName(value: unknown): value is string {
  return typeof value === 'string' && /^\P{C}{1,100}$/u.test(value);
}

/** A key as it is stored: its hash and its rights, never the secret. Times in ms since 1970. */
export interface Credential {
  /** The id inside a generated key; undefined for a secret that was set by hand or comes from Simple-PyKV. */
  readonly keyId: string | undefined;
  /** The project that the key belongs to; undefined for the system key. */
  readonly project: string | undefined;
  /** Whether it is the one key that Simple-PyKV has, too: with all rights. */
  readonly primary: boolean;
  readonly hash: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The key may only touch entries whose key begins with this. */
  readonly prefix?: string;
  readonly createdAt?: number;
  readonly expiresAt?: number;
  /** The hash before the last rotation, valid until the given time. */
  readonly previous?: { readonly hash: string; readonly until: number };
}

/** A key that is not the primary one. */
export interface SecondaryKey extends Credential {
  readonly keyId: string;
  readonly project: string;
}

/** A new key: its id, its secret in plain text, to be shown to the client once, and the hash to be stored. */
export interface NewKey {
  readonly keyId: string;
  readonly secret: string;
  readonly hash: string;
}

/** Who sends a request, and with which rights. */
export interface Identity {
  readonly kind: 'system' | 'project' | 'anonymous';
  /** Undefined if no key was needed or the key has no id. */
  readonly keyId: string | undefined;
  readonly project: string | undefined;
  readonly scopes: readonly Scope[];
  readonly prefix: string | undefined;
  readonly expiresAt: number | undefined;
  readonly name: string;
}

/** The identity of every client of a project whose authentication is off. */
export function anonymousOf(project: string | undefined): Identity {
  const name = 'anonymous';
  return {
    kind: 'anonymous',
    keyId: undefined,
    project,
    scopes: SCOPES,
    prefix: undefined,
    expiresAt: undefined,
    name,
  };
}

/** The server itself, for what its settings ask for. */
export const SERVER_IDENTITY: Identity = {
  kind: 'system',
  keyId: undefined,
  project: undefined,
  scopes: SCOPES,
  prefix: undefined,
  expiresAt: undefined,
  name: 'server',
};

/**
 * The identity that a verified credential gives; `until` is when the secret that was presented ends (ms), if it does.
 */
export function identityOf(credential: Credential, until = credential.expiresAt): Identity {
  return {
    kind: credential.project === undefined ? 'system' : 'project',
    keyId: credential.keyId,
    project: credential.project,
    scopes: credential.scopes,
    prefix: credential.prefix,
    expiresAt: until,
    name: credential.name,
  };
}
