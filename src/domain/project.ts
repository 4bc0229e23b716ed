/** What clients may set of a project, in the shape of `config.json` and of the API alike. */
export interface ProjectSettings {
  readonly storage: {
    readonly engine: string;
    /** Simple-PyKV's word: false for engine `memory`. Shown beside `engine`, which wins where both are set. */
    readonly on_disk: boolean;
    readonly options?: Readonly<Record<string, unknown>>;
    /** Values are encrypted with keys from there; without it they are stored as they are. */
    readonly encryption?: KeySource;
    /** Snapshots taken without being asked: how often, such as "6h", and how many of them are kept. */
    readonly snapshots?: { readonly every: string; readonly keep: number };
    /** How long what was moved away from is kept, such as "24h", which is the default. */
    readonly keep_old_for?: string;
  };
  readonly authentication: { readonly enabled: boolean; readonly save_api_key_to_config: boolean };
  readonly security: { readonly keys_and_values_discoverable: boolean };
  /** Only what is set for this project; defaults come from the system. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** The web origins whose pages may call this project; the system's where this is not set. */
  readonly cors?: { readonly origins: readonly string[] };
}

/** Where encryption keys are read: exactly one of both. A path may be relative to the configuration's folder. */
export interface KeySource {
  readonly key_file?: string;
  readonly key_env?: string;
}

/** An isolated namespace of entries with its own engine and keys. */
export interface Project extends ProjectSettings {
  readonly id: string;
}

/** Why a string is no project id, or undefined when it is one. Ids name files, so their alphabet is narrow. */
export function projectIdProblem(id: string): string | undefined {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return undefined;
  return 'a project id has 1 to 64 of the characters A-Z, a-z, 0-9, "_" and "-"';
}
