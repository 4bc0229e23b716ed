interface Header {
  readonly description: string;
  readonly schema: object;
  readonly example: unknown;
}

const text = { type: 'string' };
const seconds = { type: 'number', minimum: 0 };

/** The headers that a response can have. */
const documented = {
  ETag: {
    description: 'The version of the entry, quoted.',
    schema: { type: 'string', pattern: '^"[0-9a-z]+"$' },
    example: '"g9w3kxq2b1"',
  },
  'Last-Modified': {
    description: 'When the value was last written.',
    schema: text,
    example: 'Fri, 20 Nov 2026 08:00:00 GMT',
  },
  'Cache-Control': {
    description: 'Whether clients may keep a copy, and that they must ask whether it still holds.',
    schema: text,
    example: 'private, no-cache',
  },
  'Accept-Ranges': {
    description: 'That GET takes `Range`.',
    schema: { const: 'bytes' },
    example: 'bytes',
  },
  'Content-Range': {
    description: 'Which bytes of how many these are; `bytes */N` in an error.',
    schema: { type: 'string', pattern: '^bytes ([0-9]+-[0-9]+|\\*)/[0-9]+$' },
    example: 'bytes 0-4/11',
  },
  'KV-Created': {
    description: 'When the entry was created, in seconds since 1970.',
    schema: seconds,
    example: 1763625600.123,
  },
  'KV-Expires': {
    description: 'When the entry expires, in seconds since 1970; missing if it never does.',
    schema: seconds,
    example: 1763629200.123,
  },
  'KV-Meta': {
    description: 'The metadata of the entry, as JSON in ASCII; missing if it has none.',
    schema: text,
    example: '{"owner":"ada"}',
  },
  'Content-Disposition': {
    description: '`attachment` if a browser would run the value as a page.',
    schema: { const: 'attachment' },
    example: 'attachment',
  },
  Link: {
    description: 'Where the next page is, with `rel="next"`; missing on the last one.',
    schema: text,
    example: '</api/v1/projects/first_project/store?limit=1&cursor=Zmly>; rel="next"',
  },
  Location: { description: 'Where to go on.', schema: { type: 'string', format: 'uri-reference' }, example: '/docs' },
  Allow: { description: 'The methods that the path has.', schema: text, example: 'GET, HEAD, PUT, OPTIONS' },
  'Accept-Patch': {
    description: 'The content type that PATCH takes; missing from an error for which the type was not the reason.',
    schema: text,
    example: 'application/merge-patch+json',
  },
  'Retry-After': {
    description: 'How many seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 0 },
    example: 1,
  },
  'X-Accel-Buffering': {
    description: 'Keeps proxies from holding events back.',
    schema: { const: 'no' },
    example: 'no',
  },
  'WWW-Authenticate': { description: 'How to authenticate.', schema: { const: 'Bearer' }, example: 'Bearer' },
  'X-Request-Id': {
    description: 'Finds the request in the log; the one that the client sent, if it is sane.',
    schema: { type: 'string', pattern: '^[\\w.:-]{1,64}$' },
    example: 'kD2x9aQe-1f',
  },
} as const satisfies Record<string, Header>;

export type HeaderName = keyof typeof documented;

/** Headers that are missing from some of the responses that list them. */
const optional: ReadonlySet<string> = new Set<HeaderName>([
  'KV-Expires',
  'KV-Meta',
  'Content-Disposition',
  'Link',
  'Accept-Patch',
  'Retry-After',
  'X-Accel-Buffering',
]);

/** The headers as the OpenAPI document describes them. */
export const headers: Readonly<Record<string, Header & { readonly required: boolean }>> = Object.fromEntries(
  Object.entries(documented).map(([name, header]) => [name, { ...header, required: !optional.has(name) }]),
);
