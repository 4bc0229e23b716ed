import type { Content, RawResponse } from '../routing/route.js';

const bytes = { description: 'Anything.' };

/** A value to store. */
export const anyValue: Content = {
  description: 'The value. Any content type; without one it is taken from the bytes.',
  schema: bytes,
  examples: { 'application/json': { text: 'hello' }, 'text/plain': 'hello', '*/*': 'hello' },
};

export const moreBytes: Content = {
  description: 'What to append.',
  schema: { type: 'string', format: 'binary' },
  examples: { 'text/plain': 'one more line\n', '*/*': 'one more line\n' },
};

export const mergePatch: Content = {
  description: 'Members to set; null removes one.',
  schema: { description: 'A JSON Merge Patch.' },
  examples: { 'application/merge-patch+json': { text: 'goodbye', seen: null } },
};

/** The bytes of a value. */
export const rawValue: RawResponse = {
  description: 'The bytes, with the content type that they were stored with.',
  type: '*/*',
  schema: bytes,
  example: 'hello',
  headers: [
    ...(['ETag', 'Last-Modified', 'Cache-Control', 'KV-Created', 'KV-Expires', 'KV-Meta'] as const),
    ...(['Content-Disposition', 'Accept-Ranges'] as const),
  ],
};

/** Some bytes of a value. */
export const partialValue: RawResponse = {
  ...rawValue,
  description: 'The bytes that `Range` asks for.',
  example: 'hell',
  headers: [...(rawValue.headers ?? []), 'Content-Range'],
};

export const unchanged: RawResponse = {
  description: 'The version is the one that the client has.',
  headers: ['ETag', 'Cache-Control'],
};

/** The lines of an export. */
export const exportExample = `{"format":"portkv-export","version":1,"project":"first_project","created_at":1763625600.5}
{"key":"greeting","content_type":"application/json","version":"g9w3kxq2b1","created_at":1763625600.123,\
"updated_at":1763625600.123,"json":{"text":"hello"}}
{"count":1,"sha256":"f802adb61e949af06be9d949a515b08252b2258391c11fad8f6c6717cf6aa570"}
`;
