import type { HeaderName } from '../routing/documented-headers.js';

const instant = { type: 'integer', minimum: 0 };
const count = { type: ['integer', 'null'], minimum: 0 };
const HIDDEN = 'null if the project hides its keys';
export const versionSchema = {
  type: 'string',
  pattern: '^[0-9a-z]+$',
  description: 'Names what the entry was at one moment; the ETag without its quotes. Never used again.',
};

/** The metadata of an entry; what is in it is up to the clients. */
export const metaSchema = { type: 'object', additionalProperties: true };

/** The schema of an object with exactly these members, all required except the optional ones. */
export function shape(properties: Readonly<Record<string, object>>, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

/** The damaged files that an operation put aside. */
export const keptFiles = {
  type: 'array',
  items: { type: 'string' },
  description:
    'The names, in the data folder, under which the files of damaged data are kept; only if the data was damaged, ' +
    'and for keys with the scope `admin`.',
};

const itemMembers = {
  content_type: { type: 'string', description: 'The content type that came with the value.' },
  created_at: { ...instant, description: 'When the key was first stored, in seconds since 1970.' },
  encoding: {
    enum: ['json', 'text', 'base64'],
    description: 'How `value` shows the stored bytes. On the routes of Simple-PyKV without `as`: only if it is base64.',
  },
  expires_at: { type: 'number', description: 'When it expires, in seconds since 1970; only if it does.' },
  meta: { ...metaSchema, description: 'What was stored with the value; only if there is any.' },
  size_bytes: { ...instant, description: 'Length of the stored value.' },
  updated_at: { ...instant, description: 'When the value was last written, in seconds since 1970.' },
  value: { description: 'JSON as it was stored, digit for digit; text as a string; or base64. See `encoding`.' },
  version: versionSchema,
};
export const digits = {
  type: 'string',
  pattern: '^-?[0-9]+$',
  description: 'The digits of `value`, for clients that round numbers beyond 2^53.',
};
const optionalMembers = ['encoding', 'expires_at', 'meta'];

const Item = shape(itemMembers, optionalMembers);
const KeyedItem = shape({ key: { type: 'string' }, ...itemMembers }, optionalMembers);
const { encoding: _, value: __, ...metadata } = itemMembers;
const Metadata = shape(metadata, ['expires_at', 'meta']);
const KeyedMetadata = shape({ key: { type: 'string' }, ...metadata }, ['expires_at', 'meta']);
const Counter = shape({ ...itemMembers, value: { type: 'integer' }, value_text: digits }, optionalMembers);
const Written = shape({ version: versionSchema });

const System = shape({
  memory_usage_bytes: instant,
  number_of_projects: instant,
  storage_usage_bytes: instant,
  uptime: { type: 'number', minimum: 0, description: 'Seconds since the start.' },
  version: { type: 'string', description: 'The version of PortKV.' },
});

const Migration = shape(
  {
    id: { type: 'string' },
    project: { type: 'string' },
    from: { type: 'string', description: 'The engine before.' },
    to: { type: 'string', description: 'The engine after.' },
    state: { enum: ['copying', 'done', 'failed'] },
    copied: { ...count, description: `Entries copied so far; ${HIDDEN}.` },
    total: { ...count, description: `Entries there were when it began; ${HIDDEN}.` },
    started_at: { type: 'number' },
    finished_at: { type: 'number' },
    pause_ms: { type: 'number', description: 'How long writers waited for the switch, in milliseconds.' },
    rolled_back: { const: true },
    error: { type: 'string', description: 'Why it failed; the engine before is still the one in use.' },
    kept: keptFiles,
  },
  ['finished_at', 'pause_ms', 'rolled_back', 'error', 'kept'],
);

const Snapshot = shape(
  {
    id: { type: 'string' },
    count: { ...count, description: `Entries in it; ${HIDDEN}.` },
    bytes: { ...instant, description: 'Size of its file.' },
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'Of its file.' },
    engine: { type: 'string', description: 'The engine that the project had.' },
    reason: { enum: ['manual', 'routine'], description: '`routine`: the settings of the project asked for it.' },
    created_at: { type: 'number', description: 'The moment that it is as of, in seconds since 1970.' },
    encrypted: { type: 'boolean' },
    server: {
      type: 'string',
      description: 'The id of the server that has its file, if several servers share a registry.',
    },
  },
  ['server'],
);

/** Schemas that several routes use. */
export const schemas = { Item, KeyedItem, Metadata, KeyedMetadata, Counter, Written, System, Migration, Snapshot };

/** A reference to one of these schemas, or to one of the settings. */
export function ref(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** References to the headers of a response, which always include `X-Request-Id`. */
export function headerRefs(names: readonly HeaderName[] = []): object {
  const all: readonly HeaderName[] = [...names, 'X-Request-Id'];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** An entry as in a response on a route of Simple-PyKV. */
export const itemExample = {
  content_type: 'application/json',
  created_at: 1763625600,
  size_bytes: 16,
  updated_at: 1763625600,
  value: { text: 'hello' },
  version: 'g9w3kxq2b1',
};

/** An entry as in a response on another route. */
export const viewedExample = { ...itemExample, encoding: 'json' };

/** A change of engine as in a response. */
export const migrationExample = {
  id: '1',
  project: 'first_project',
  from: 'json-file',
  to: 'lmdb',
  state: 'done',
  copied: 1200,
  total: 1200,
  started_at: 1763625600.5,
  finished_at: 1763625601.25,
  pause_ms: 3,
};
