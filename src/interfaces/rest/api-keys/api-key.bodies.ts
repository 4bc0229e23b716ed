import type { NewApiKey } from '../../../application/api-keys/create-api-key.js';
import { isKeyName, KEY_NAME_RULE, SCOPES, type Scope } from '../../../domain/api-key.js';
import { AppError } from '../../../domain/errors.js';
import { keyProblem } from '../../../domain/key.js';
import { bodyReader } from '../request/body-reader.js';

/** Longest life of a key that expires: ten years. */
const MAX_LIFE = 10 * 366 * 24 * 3600;
/** Longest time for which a rotated secret goes on working: thirty days. */
const MAX_GRACE = 30 * 24 * 3600;

const newKey = bodyReader<{ name: string; scopes: Scope[]; prefix?: string; expires_in?: number }>({
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 100, description: 'What people call the key.' },
    scopes: { type: 'array', items: { enum: [...SCOPES] }, minItems: 1, description: 'What it may do.' },
    prefix: {
      type: 'string',
      minLength: 1,
      maxLength: 512,
      description: 'Confines it to entries whose keys begin so.',
    },
    expires_in: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: MAX_LIFE,
      description: 'Seconds until it stops working; it never does where this is left out.',
    },
  },
  required: ['name', 'scopes'],
  additionalProperties: false,
});

const rotation = bodyReader<{ grace?: number }>({
  type: 'object',
  properties: {
    grace: {
      type: 'number',
      minimum: 0,
      maximum: MAX_GRACE,
      default: 0,
      description: 'Seconds for which the old secret goes on working.',
    },
  },
  additionalProperties: false,
});

export const newKeySchema = newKey.schema;
export const rotationSchema = rotation.schema;

/** What a new key shall be; `invalid` names every mistake. */
export function readNewKey(body: Buffer): NewApiKey {
  const { name, scopes, prefix, expires_in } = newKey.read(body);
  if (!isKeyName(name)) throw wrong('name', `must be ${KEY_NAME_RULE}`);
  const problem = prefix === undefined ? undefined : keyProblem(prefix);
  if (problem !== undefined) throw wrong('prefix', problem);
  return { name, scopes, prefix, expiresIn: expires_in === undefined ? undefined : Math.ceil(expires_in * 1000) };
}

/** For how many ms the old secret shall go on working; 0 where the body is empty or does not say. */
export function readGrace(body: Buffer): number {
  if (body.length === 0) return 0;
  return Math.ceil((rotation.read(body).grace ?? 0) * 1000);
}

function wrong(path: string, why: string): AppError {
  return new AppError('invalid', `${path}: ${why}`, { details: { path } });
}
