import { ref, shape } from './schemas.js';

type Schema = Readonly<Record<string, unknown>> & { readonly properties: Readonly<Record<string, object>> };

/** Members of `authentication` that are only in the file, never in a request or a response. */
const SECRETS = ['api_key', 'api_key_id', 'api_key_hash'];
const SECTIONS = [
  'StorageSettings',
  'EncryptionSettings',
  'SnapshotSettings',
  'ProjectSecuritySettings',
  'LimitSettings',
  'CorsSettings',
];

/** The schemas of a project's settings in requests and responses, made from those of the configuration file. */
export function settingsSchemas(definitions: Readonly<Record<string, object>>): Record<string, object> {
  const renamed = JSON.parse(JSON.stringify(definitions).replaceAll('#/definitions/', '#/components/schemas/'));
  const { id, storage, security, limits, cors, dialects } = (renamed.ProjectEntry as Schema).properties;
  const authentication = without(renamed.AuthenticationSettings as Schema, SECRETS);
  const common = { authentication: ref('AuthenticationSettings'), security, limits, cors, dialects };
  const { encryption, snapshots, keep_old_for } = (renamed.StorageSettings as Schema).properties;
  const sections = {
    options: { type: 'object', additionalProperties: true },
    encryption,
    snapshots,
    keep_old_for,
  } as Record<string, object>;
  const always = { engine: { type: 'string' }, on_disk: { type: 'boolean' } };
  const shown = { storage: shape({ ...always, ...sections }, Object.keys(sections)), ...common } as Record<
    string,
    object
  >;
  const optional = ['limits', 'cors', 'dialects'];
  return {
    ...Object.fromEntries(SECTIONS.map((name) => [name, renamed[name]])),
    AuthenticationSettings: authentication,
    ProjectSettings: shape(shown, optional),
    Project: shape({ id: id as object, ...shown, durability: ref('Durability') }, optional),
    Durability: shape({
      commit: { type: 'string', description: 'What a commit that was acknowledged survives, or when it may be lost.' },
      warnings: {
        type: 'array',
        items: { type: 'string' },
        description: 'Settings of the server that has the data that are unsafe or will not do.',
      },
    }),
    NewProject: shape({ id: id as object, storage: storage as object, ...(common as Record<string, object>) }, [
      'storage',
      ...Object.keys(common),
    ]),
    ProjectChanges: {
      type: 'object',
      properties: { storage, security, limits: orNull(limits), cors: orNull(cors), dialects: orNull(dialects) },
      additionalProperties: false,
    },
  };
}

function without(schema: Schema, names: readonly string[]): object {
  const kept = Object.entries(schema.properties).filter(([name]) => !names.includes(name));
  return { ...schema, properties: Object.fromEntries(kept) };
}

function orNull(schema: object | undefined): object {
  return { anyOf: [schema, { type: 'null' }] };
}
