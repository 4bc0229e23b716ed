import type { HeaderName } from './headers.js';

/** References to the headers of a response, which always include `X-Request-Id`. */
export function headerRefs(names: readonly HeaderName[] = []): object {
  const all: readonly HeaderName[] = [...names, 'X-Request-Id'];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
