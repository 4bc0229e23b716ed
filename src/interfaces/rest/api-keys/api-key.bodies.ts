import { ArrayNotEmpty, IsArray, IsNumber, IsPositive, Max, Min } from 'class-validator';
import type { NewApiKey } from '../../../application/api-keys/create-api-key.js';
import { SCOPES, type Scope } from '../../../domain/api-key.js';
import { MAX_KEY_BYTES } from '../../../domain/limits.js';
import { bodySchema } from '../openapi/body-schema.js';
import { Characters, Described, EachIn, Optional } from '../request/body-rules.js';
import { classBodyReader } from '../request/class-body-reader.js';

/** The longest time until a key expires, in seconds: ten years. */
const MAX_LIFE = 10 * 366 * 24 * 3600;
/** The longest time for which a rotated secret still works, in seconds: thirty days. */
const MAX_GRACE = 30 * 24 * 3600;

/** The description of a new API key. */
class NewKeyBody {
  @Described('What people call the key.')
  @Characters(1, 100)
  name!: string;

  @Described('What it may do.')
  @EachIn(SCOPES)
  @ArrayNotEmpty({ message: 'must NOT have fewer than 1 items' })
  @IsArray({ message: 'must be array' })
  scopes!: Scope[];

  @Described('Confines it to entries whose keys begin so.')
  @Optional()
  @Characters(1, MAX_KEY_BYTES)
  prefix?: string;

  @Described('Seconds until it stops working; it never does if this is left out.')
  @Optional()
  @Max(MAX_LIFE, { message: `must be <= ${MAX_LIFE}` })
  @IsPositive({ message: 'must be > 0' })
  @IsNumber({}, { message: 'must be number' })
  expires_in?: number;
}

/** How an API key gets a new secret. */
class RotationBody {
  @Described('Seconds for which the old secret goes on working.')
  @Optional()
  @Max(MAX_GRACE, { message: `must be <= ${MAX_GRACE}` })
  @Min(0, { message: 'must be >= 0' })
  @IsNumber({}, { message: 'must be number' })
  grace = 0;
}

export const newKeySchema = bodySchema(NewKeyBody);
export const rotationSchema = bodySchema(RotationBody);

const newKeyOf = classBodyReader(NewKeyBody);
const rotationOf = classBodyReader(RotationBody);

/** The description of a new key. Throws `invalid`, naming every mistake. */
export function readNewKey(body: Buffer): NewApiKey {
  const { name, scopes, prefix, expires_in } = newKeyOf(body);
  return { name, scopes, prefix, expiresIn: expires_in === undefined ? undefined : Math.ceil(expires_in * 1000) };
}

/** For how many ms the old secret still works; 0 if the body is empty or does not say. */
export function readGrace(body: Buffer): number {
  return body.length === 0 ? 0 : Math.ceil(rotationOf(body).grace * 1000);
}
