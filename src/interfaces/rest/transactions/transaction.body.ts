import { AppError } from '../../../domain/errors.js';
import { type EntryMeta, entryMeta } from '../../../domain/json/entry-meta.js';
import { patchOf } from '../../../domain/json/merge-patch.js';
import type { JsonText } from '../../../domain/json/outline.js';
import { MAX_CONTENT_TYPE_BYTES, MAX_OPERATIONS } from '../../../domain/limits.js';
import type { Expiry, Operation } from '../../../domain/operation.js';
import type { Check, Transaction } from '../../../domain/transaction.js';
import { DEFAULT_TYPES, formOf, type ValueView } from '../../../domain/value.js';
import { parseVersion } from '../../../domain/version.js';
import { integerOf } from '../entries/entry.bodies.js';
import { expiryOfMembers, ttlOf } from '../entries/expiry-parameters.js';
import { schemaBodyReader } from '../request/schema-body-reader.js';
import { VIEWS } from '../routing/value-view.js';

const key = { type: 'string', minLength: 1, maxLength: 512 };
const text = { type: 'string' };
const base64 = { type: 'string', contentEncoding: 'base64' };
const seconds = { type: 'number', exclusiveMinimum: 0 };
const returned = { enum: ['old'], description: 'Has the entry before in the result; needs the scope `read`.' };

const view = { enum: VIEWS, description: 'How the value that is returned is shown; `auto` if it is left out.' };

function members(properties: object, required: readonly string[]): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

export const operations = {
  get: members({ key, as: view }, ['key']),
  head: members({ key }, ['key']),
  put: members(
    {
      key,
      json: { description: 'The value as JSON, stored as it is written here.' },
      text,
      base64,
      content_type: { type: 'string', minLength: 1, maxLength: MAX_CONTENT_TYPE_BYTES, pattern: '^[\\x20-\\x7e]+$' },
      ttl: seconds,
      expires_at: seconds,
      meta: { description: 'Metadata: an object of at most 1,024 bytes.' },
      keep_meta: { type: 'boolean' },
      return: returned,
      as: view,
    },
    ['key'],
  ),
  delete: members({ key, return: returned, as: view }, ['key']),
  increment: members(
    {
      key,
      by: { description: 'An integer of any size; 1 if it is left out.' },
      ttl: { ...seconds, description: 'Counts only if this creates the entry.' },
      expires_at: { ...seconds, description: 'Counts only if this creates the entry.' },
    },
    ['key'],
  ),
  append: members({ key, text, base64 }, ['key']),
  merge: members({ key, json: { description: 'A JSON Merge Patch (RFC 7396).' } }, ['key', 'json']),
  touch: members({ key, ttl: { type: ['number', 'null'], exclusiveMinimum: 0 } }, ['key', 'ttl']),
};

export const check = members({ key, version: { type: 'string' }, absent: { const: true }, exists: { const: true } }, [
  'key',
]);

/** The schema that checks a transaction. */
export const transactionSchema = {
  type: 'object',
  properties: {
    checks: { type: 'array', items: check, maxItems: MAX_OPERATIONS },
    operations: {
      type: 'array',
      maxItems: MAX_OPERATIONS,
      items: {
        type: 'object',
        properties: operations,
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
      },
    },
    sequential: {
      type: 'boolean',
      description: 'Each operation sees what those before it did, and a key may stand several times.',
    },
  },
  required: ['operations'],
  additionalProperties: false,
};

interface Members {
  readonly key: string;
  readonly json?: JsonText;
  readonly by?: JsonText;
  readonly text?: string;
  readonly base64?: string;
  readonly content_type?: string;
  readonly ttl?: number | null;
  readonly expires_at?: number;
  readonly as?: ValueView;
  readonly return?: 'old';
  readonly meta?: JsonText;
  readonly keep_meta?: boolean;
}

interface TransactionBody {
  readonly checks?: readonly { key: string; version?: string; absent?: true; exists?: true }[];
  readonly operations: readonly Readonly<Partial<Record<keyof typeof operations, Members>>>[];
  readonly sequential?: boolean;
}

const bodyOf = schemaBodyReader<TransactionBody>(transactionSchema, new Set(['json', 'by', 'meta']));

/** A transaction as a client sends it. */
export interface ReadTransaction {
  readonly transaction: Transaction;
  /** How the value of each operation is shown, by position. */
  readonly views: readonly ValueView[];
}

/** The transaction that a body describes. Throws `invalid`, naming each wrong member and why. */
export function readTransaction(bytes: Buffer): ReadTransaction {
  const { checks = [], operations: bodies, sequential } = bodyOf(bytes);
  const operations: Operation[] = [];
  const views: ValueView[] = [];
  for (const body of bodies) {
    const kind = kindOf(body);
    const members = body[kind] as Members;
    operations.push(operationOf(kind, members, operations.length));
    views.push(members.as ?? 'auto');
  }
  return {
    transaction: { checks: checks.map((check, i) => checkOf(check, `checks[${i}]`)), operations, sequential },
    views,
  };
}

/** The name of the only member. */
function kindOf(body: TransactionBody['operations'][number]): Operation['kind'] {
  for (const kind in body) return kind as Operation['kind'];
  throw new Error('the schema asks for a member');
}

function checkOf(check: NonNullable<TransactionBody['checks']>[number], path: string): Check {
  const { key, version, absent, exists } = check;
  if ([version, absent, exists].filter((member) => member !== undefined).length !== 1) {
    throw invalid(path, 'must have exactly one of version, absent and exists');
  }
  if (version === undefined) return { key, version: absent ? undefined : '*' };
  // A version that cannot be one of ours matches none: 0 is never issued.
  return { key, version: parseVersion(version) ?? 0 };
}

/** The path of a member, made only for an error. */
type Path = () => string;

function operationOf(kind: Operation['kind'], members: Members, position: number): Operation {
  const path = () => `operations[${position}].${kind}`;
  const { key } = members;
  switch (kind) {
    case 'get':
    case 'head':
      return { kind, key };
    case 'delete':
      return { kind, key, returnOld: members.return === 'old' };
    case 'put': {
      const { value, contentType: byForm } = contentOf(members, path, ['json', 'text', 'base64']);
      const contentType = members.content_type ?? byForm;
      const [meta, returnOld] = [metaOf(members, path), members.return === 'old'];
      return { kind, key, value, contentType, expiry: expiryOf(members, path), meta, returnOld };
    }
    case 'increment':
      return { kind, key, by: byOf(members, path), expiry: expiryOf(members, path) };
    case 'append':
      return { kind, key, ...contentOf(members, path, ['text', 'base64']) };
    case 'merge':
      return { kind, key, patch: patchOf(members.json?.text ?? 'null') };
    case 'touch':
      return { kind, key, expiry: members.ttl == null ? 'never' : ttlOf(members.ttl, `${path()}.ttl`) };
  }
}

function contentOf(
  members: Members,
  path: Path,
  allowed: readonly ('json' | 'text' | 'base64')[],
): { value: Buffer; contentType: string } {
  let given = 0;
  for (const name of allowed) if (members[name] !== undefined) given += 1;
  if (given !== 1) throw invalid(path(), `must have exactly one of ${allowed.join(', ')}`);
  if (members.json !== undefined) return { value: Buffer.from(members.json.text), contentType: DEFAULT_TYPES.json };
  if (members.text !== undefined) return { value: textOf(members.text, path), contentType: DEFAULT_TYPES.text };
  const value = Buffer.from(members.base64 ?? '', 'base64');
  if (value.toString('base64').replace(/=+$/, '') !== members.base64?.replace(/=+$/, '')) {
    throw invalid(`${path()}.base64`, 'is no base64');
  }
  return { value, contentType: DEFAULT_TYPES[formOf(value)] };
}

function textOf(text: string, path: Path): Buffer {
  if (!text.isWellFormed()) throw invalid(`${path()}.text`, 'holds a lone surrogate');
  return Buffer.from(text);
}

function byOf({ by }: Members, path: Path): bigint {
  return by === undefined ? 1n : integerOf(by.text, `${path()}.by`);
}

function expiryOf({ ttl, expires_at }: Members, path: Path): Expiry {
  if (ttl == null) return expires_at === undefined ? 'never' : expiryOfMembers({ expires_at }, path());
  return expiryOfMembers(expires_at === undefined ? { ttl } : { ttl, expires_at }, path());
}

function metaOf({ meta, keep_meta }: Members, path: Path): EntryMeta | 'keep' | undefined {
  if (meta === undefined) return keep_meta ? 'keep' : undefined;
  if (keep_meta) throw invalid(path(), 'give only one of meta and keep_meta');
  const at = `${path()}.meta`;
  return entryMeta(meta.text, at, { path: at });
}

function invalid(path: string, why: string): AppError {
  return new AppError('invalid', `${path}: ${why}`, { details: { path } });
}
