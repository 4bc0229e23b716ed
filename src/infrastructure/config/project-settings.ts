import { IsBoolean, IsNumber, IsObject, MaxLength, Min, MinLength } from 'class-validator';
import { isKeyName, KEY_NAME_RULE, SCOPES, type Scope } from '../../domain/api-key.js';
import { durationOf } from '../../domain/duration.js';
import { MAX_KEY_BYTES } from '../../domain/limits.js';
import { projectIdProblem } from '../../domain/project.js';
import { isKnownHash } from '../security/argon2-hasher.js';
import { LimitSettings } from './limit-settings.js';
import { Described, ListOf, Optional, Rule, SectionOf, STRING_LIST, StringList, WholeNumber } from './setting-rules.js';

const FLAG = { message: 'must be true or false' };
function isNullOr(pattern: RegExp): (value: unknown) => boolean {
  return (value) => value === null || (typeof value === 'string' && pattern.test(value));
}

function KnownHash() {
  return Rule(
    'hash',
    'must be an argon2id hash or a hash made by Simple-PyKV',
    (value) => typeof value === 'string' && isKnownHash(value),
  );
}

const KEY_ID = /^[A-Za-z0-9_-]{8}$/;
const KEY_ID_RULE = 'must be the 8 characters behind pkv_ in a generated key';
const NULLABLE = { type: ['string', 'null'] };

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function hasOneSource(value: unknown): boolean {
  const { key_file, key_env } = value as EncryptionSettings;
  return (key_file === undefined) !== (key_env === undefined);
}

/** Where the keys are that encrypt a project's values. */
export class EncryptionSettings {
  @Described(
    'File with the keys, one a line: "[id:]base64 of 32 bytes". The first encrypts, the others only decrypt.',
    {
      type: 'string',
    },
  )
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
  key_file?: string;

  @Described('Environment variable with the keys, as in a file; blanks may part them.', { type: 'string' })
  @Optional()
  @Rule('variable', 'must be the name of an environment variable', isText)
  key_env?: string;
}

const DURATION = { type: 'string', pattern: '^[0-9]{1,6}[smhdw]$' };
const DURATION_MUST = 'must be a time such as "30s", "15m", "6h", "7d" or "2w"';

function isDuration(value: unknown): boolean {
  return typeof value === 'string' && durationOf(value) !== undefined;
}

/** Snapshots that are taken without being asked. */
export class SnapshotSettings {
  @Described('How often a snapshot is taken, such as "6h".', DURATION)
  @Rule(
    'every',
    `${DURATION_MUST}, and more than 0`,
    (value) => isDuration(value) && !/^0+[a-z]$/.test(value as string),
  )
  every!: string;

  @Described('How many of them are kept; those made by hand do not count.')
  @Optional()
  @WholeNumber(1, 10_000)
  keep = 10;
}

/** Which engine keeps the data. */
export class StorageSettings {
  @Described('The storage engine; docs/storage.md compares them. Wins over on_disk.', { type: 'string' })
  @Optional()
  @Rule('engine', 'must be the name of an engine', (value) => typeof value === 'string')
  engine?: string;

  @Described('true: engine json-file, false: engine memory; where no engine is named.')
  @Optional()
  @IsBoolean(FLAG)
  on_disk?: boolean;

  @Described('Options of the engine.')
  @Optional()
  @IsObject({ message: 'must be an object' })
  options?: Record<string, unknown>;

  @SectionOf(EncryptionSettings)
  @Rule('oneSource', 'must have one of key_file and key_env', hasOneSource)
  encryption?: EncryptionSettings;

  @SectionOf(SnapshotSettings)
  snapshots?: SnapshotSettings;

  @Described('How long what was moved away from is kept, such as "24h", which is the default.', DURATION)
  @Optional()
  @Rule('duration', DURATION_MUST, isDuration)
  keep_old_for?: string;
}

/** Whether keys are asked for, and the primary key. */
export class AuthenticationSettings {
  @Described('Whether requests need a key.')
  @Optional()
  @IsBoolean(FLAG)
  enabled = true;

  @Described('Whether the plain key stays in this file. Anyone who can read the file can then use it.')
  @Optional()
  @IsBoolean(FLAG)
  save_api_key_to_config = false;

  @Described(
    'A key in plain text. One that you set here works from the next start on; it is replaced by its hash then.',
    NULLABLE,
  )
  @Optional()
  @Rule('secret', 'must be null or 1 to 512 visible ASCII characters without spaces', isNullOr(/^[!-~]{1,512}$/))
  api_key?: string | null;

  @Described('The id inside a generated key.', NULLABLE)
  @Optional()
  @Rule('keyId', 'must be null or the 8 characters behind pkv_ in a generated key', isNullOr(/^[A-Za-z0-9_-]{8}$/))
  api_key_id?: string | null;

  @Described('The hash of the key: argon2id, or PBKDF2 from Simple-PyKV.', NULLABLE)
  @Optional()
  @Rule(
    'hash',
    'must be null, an argon2id hash or a hash made by Simple-PyKV',
    (value) => value === null || (typeof value === 'string' && isKnownHash(value)),
  )
  api_key_hash?: string | null;
}

/** The hash that a key had before it was rotated. */
export class PreviousKeySettings {
  @Described('The hash of the old secret.')
  @KnownHash()
  hash!: string;

  @Described('When the old secret stops working, in seconds since 1970.')
  @Min(0)
  @IsNumber()
  until!: number;
}

/** A key of a project beside its primary one. */
export class ApiKeySettings {
  @Described('The id inside the key.')
  @Rule('keyId', KEY_ID_RULE, (value) => typeof value === 'string' && KEY_ID.test(value))
  id!: string;

  @Described('What people call it.', { type: 'string' })
  @Rule('keyName', `must be ${KEY_NAME_RULE}`, isKeyName)
  name!: string;

  @Described('What it may do.', { type: 'array', items: { enum: [...SCOPES] } })
  @StringList(`must be a list of ${SCOPES.join(', ')}`, (value) => (SCOPES as readonly string[]).includes(value))
  scopes!: Scope[];

  @Described('Confines it to keys that begin so.')
  @Optional()
  @MaxLength(MAX_KEY_BYTES, { message: `must have at most ${MAX_KEY_BYTES} characters` })
  @MinLength(1, { message: 'must not be empty' })
  prefix?: string;

  @Described('The hash of the key.')
  @KnownHash()
  hash!: string;

  @Described('When it was made, in seconds since 1970.')
  @Min(0)
  @IsNumber()
  created_at!: number;

  @Described('When it stops working, in seconds since 1970.')
  @Optional()
  @Min(0)
  @IsNumber()
  expires_at?: number;

  @SectionOf(PreviousKeySettings)
  previous?: PreviousKeySettings;
}

/** What a project shows of its content. */
export class ProjectSecuritySettings {
  @Described('Whether keys and values may be listed, counted and exported.')
  @Optional()
  @IsBoolean(FLAG)
  keys_and_values_discoverable = true;
}

/** Which web pages of other origins may call the API from a browser. */
export class CorsSettings {
  @Described('Origins such as "https://example.org", or "*" for all.', STRING_LIST)
  @Optional()
  @StringList('must be a list of origins such as "https://example.org", or "*"', isOrigin)
  origins: string[] = [];
}

function isOrigin(value: string): boolean {
  return value === '*' || (URL.canParse(value) && new URL(value).origin === value);
}

/** One project, as a member of `projects` and as the body that creates it. */
export class ProjectEntry {
  @Described('Name of the project.', { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' })
  @Rule(
    'projectId',
    'must have 1 to 64 of the characters A-Z, a-z, 0-9, "_" and "-"',
    (value) => typeof value === 'string' && projectIdProblem(value) === undefined,
  )
  id!: string;

  @SectionOf(StorageSettings)
  storage = new StorageSettings();

  @SectionOf(AuthenticationSettings)
  authentication = new AuthenticationSettings();

  @SectionOf(ProjectSecuritySettings)
  security = new ProjectSecuritySettings();

  @SectionOf(LimitSettings)
  limits?: LimitSettings;

  @SectionOf(CorsSettings)
  cors?: CorsSettings;

  @ListOf(ApiKeySettings)
  api_keys?: ApiKeySettings[];
}
