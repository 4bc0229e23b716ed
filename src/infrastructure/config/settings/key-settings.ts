import { IsBoolean, IsNumber, MaxLength, Min, MinLength } from 'class-validator';
import { isKeyName, KEY_NAME_RULE, SCOPES, type Scope } from '../../../domain/api-key.js';
import { MAX_KEY_BYTES } from '../../../domain/limits.js';
import { isKnownHash } from '../../security/argon2-hasher.js';
import { Described, Optional, Rule, SectionOf, StringList } from '../../validation/setting-rules.js';

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
const KEY_ID_RULE = 'must be the 8 characters after pkv_ in a generated key';
const NULLABLE = { type: ['string', 'null'] };

/** Whether requests need a key, and the primary key. */
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
    'A key in plain text. One that you set here works after the next start, which replaces it by its hash.',
    NULLABLE,
  )
  @Optional()
  @Rule('secret', 'must be null or 1 to 512 visible ASCII characters without spaces', isNullOr(/^[!-~]{1,512}$/))
  api_key?: string | null;

  @Described('The id inside a generated key.', NULLABLE)
  @Optional()
  @Rule('keyId', 'must be null or the 8 characters after pkv_ in a generated key', isNullOr(KEY_ID))
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

/** A secondary key of a project. */
export class ApiKeySettings {
  @Described('The id inside the key.')
  @Rule('keyId', KEY_ID_RULE, (value) => typeof value === 'string' && KEY_ID.test(value))
  id!: string;

  @Described('Name of the key.', { type: 'string' })
  @Rule('keyName', `must be ${KEY_NAME_RULE}`, isKeyName)
  name!: string;

  @Described('What the key may do.', { type: 'array', items: { enum: [...SCOPES] } })
  @StringList(`must be a list of ${SCOPES.join(', ')}`, (value) => (SCOPES as readonly string[]).includes(value))
  scopes!: Scope[];

  @Described('The key may only be used for entries whose key begins with this.')
  @Optional()
  @MaxLength(MAX_KEY_BYTES, { message: `must have at most ${MAX_KEY_BYTES} characters` })
  @MinLength(1, { message: 'must not be empty' })
  prefix?: string;

  @Described('The hash of the key.')
  @KnownHash()
  hash!: string;

  @Described('When the key was made, in seconds since 1970.')
  @Min(0)
  @IsNumber()
  created_at!: number;

  @Described('When the key stops working, in seconds since 1970.')
  @Optional()
  @Min(0)
  @IsNumber()
  expires_at?: number;

  @SectionOf(PreviousKeySettings)
  previous?: PreviousKeySettings;
}
