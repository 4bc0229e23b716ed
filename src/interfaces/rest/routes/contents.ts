import type { Content, RawAnswer } from '../route.js';

const bytes = { description: 'Anything.' };

/** What may be stored. */
export const anyValue: Content = {
  description: 'The value. Any content type; without one it is taken from the bytes.',
  schema: bytes,
  examples: { 'application/json': { text: 'hello' }, 'text/plain': 'hello', '*/*': 'hello' },
};

export const moreBytes: Content = {
  description: 'What to append.',
  schema: bytes,
  examples: { 'text/plain': 'one more line\n', '*/*': 'one more line\n' },
};

export const mergePatch: Content = {
  description: 'Members to set; null removes one.',
  schema: { description: 'A JSON Merge Patch.' },
  examples: { 'application/merge-patch+json': { text: 'goodbye', seen: null } },
};

/** The bytes of a value. */
export const rawValue: RawAnswer = {
  description: 'The bytes, with the content type that they were stored with.',
  type: '*/*',
  schema: bytes,
  example: 'hello',
  headers: ['ETag', 'Last-Modified', 'Cache-Control', 'KV-Created', 'KV-Expires', 'Content-Disposition'],
};

export const unchanged: RawAnswer = {
  description: 'The version is the one that the client has.',
  headers: ['ETag', 'Cache-Control'],
};
