import type { HeaderName } from './headers.js';

/** The headers of a response, as references; every response has `X-Request-Id`. */
export function headerRefs(names: readonly HeaderName[] = []): object {
  const all: readonly HeaderName[] = [...names, 'X-Request-Id'];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
