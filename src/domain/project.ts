import { AppError } from './errors.js';

/** What clients may set of a project, with the member names of `config.json` and of the API. */
export interface ProjectSettings {
  readonly storage: {
    readonly engine: string;
    /** Simple-PyKV's setting: false for engine `memory`. Shown beside `engine`, which wins if both are set. */
    readonly on_disk: boolean;
    readonly options?: Readonly<Record<string, unknown>>;
    /** Where the keys that encrypt the values are read; values are stored in plain if this is not set. */
    readonly encryption?: KeySource;
    /** Snapshots on a schedule: how often, such as "6h", and how many of them are kept. */
    readonly snapshots?: { readonly every: string; readonly keep: number };
    /** How long the old files are kept after a migration, such as "24h", which is the default. */
    readonly keep_old_for?: string;
  };
  readonly authentication: { readonly enabled: boolean; readonly save_api_key_to_config: boolean };
  readonly security: { readonly keys_and_values_discoverable: boolean };
  /** Only the limits that are set for this project; the others are those of the system. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** The web origins whose pages may call this project; those of the system if this is not set. */
  readonly cors?: { readonly origins: readonly string[] };
  /** The dialects that it is also served in; none if this is not set. */
  readonly dialects?: readonly Dialect[];
}

/** The interfaces of other key-value servers, by which their clients can use a project. */
export const DIALECTS = ['unstorage', 'cloudflare', 'upstash'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** Where encryption keys are read: exactly one of the two. A path may be relative to the configuration's folder. */
export interface KeySource {
  readonly key_file?: string;
  readonly key_env?: string;
}

/** An isolated namespace of entries with its own engine and keys. */
export interface Project extends ProjectSettings {
  readonly id: string;
}

/** The id of a new project is taken. In Simple-PyKV's wording. */
export class ProjectExistsError extends AppError {
  constructor(id: string) {
    super('conflict', `Project with ID '${id}' already exists in configuration.`);
  }
}

/** The error for a project that does not exist, in Simple-PyKV's wording. */
export function projectNotFound(id: string): AppError {
  return new AppError('not_found', `Project with id '${id}' not found`);
}

/** Why a string is not a project id; undefined if it is one. File names contain ids, so their alphabet is small. */
export function projectIdProblem(id: string): string | undefined {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return undefined;
  return 'a project id has 1 to 64 of the characters A-Z, a-z, 0-9, "_" and "-"';
}

/** The same for ids that differ only in case: they are one id, because some file systems do not tell them apart. */
export function foldedId(id: string): string {
  return id.toLowerCase();
}

/** The id among `ids` that differs only in case, if any. */
export function idInOtherCase(id: string, ids: Iterable<string>): string | undefined {
  for (const other of ids) if (other !== id && foldedId(other) === foldedId(id)) return other;
  return undefined;
}
