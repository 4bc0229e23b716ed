interface PathParameter {
  readonly description: string;
  readonly schema: object;
  readonly example: string;
}

const key = { type: 'string', minLength: 1, maxLength: 512 };

/** The path parameters, as the OpenAPI document describes them. */
export const pathParameters: Readonly<Record<string, PathParameter>> = {
  project: {
    description: 'The id of the project.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
    example: 'first_project',
  },
  snapshot: {
    description: 'The id of a snapshot.',
    schema: { type: 'string' },
    example: '20251120-080000-500',
  },
  migration: { description: 'The id of a change of engine.', schema: { type: 'string' }, example: '1' },
  id: { description: 'The id of an API key.', schema: { type: 'string' }, example: '3fg7kq2x' },
  key: {
    description: 'The key, 1 to 512 bytes of UTF-8, percent-encoded; a slash in it is `%2F`.',
    schema: key,
    example: 'greeting',
  },
  'key*': {
    description: 'The key: the rest of the path, slashes included.',
    schema: key,
    example: 'greeting',
  },
};
