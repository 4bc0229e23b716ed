import { SCOPES, type Scope } from '../../src/domain/api-key.js';
import { generateKey } from '../../src/infrastructure/security/generated-key.js';
import type { Access } from '../api/api-keys/access-table.js';

/** Whose key a caller presents and what that holds; the project under test is `p`. Without scopes it opens nothing. */
export interface CallerKind {
  readonly name: string;
  readonly secret: string | undefined;
  readonly owner: 'nobody' | 'system' | 'p' | 'q' | 'open';
  readonly scopes?: readonly Scope[];
  readonly prefix?: string;
}

export type Outcome = 'allowed' | 'unauthenticated' | 'insufficient_scope';

/** The key that rows of a table touch: one kind's prefix covers it, another's does not. */
export const TOUCHED = 'in/x';

/** What makes keys: use cases without a transport, or a server's API. */
export interface KeyMaker {
  readonly systemKey: string;
  /** The primary key of a new project. */
  project(id: string): Promise<string>;
  /** A secondary key of `p`. */
  key(grant: { scopes?: readonly Scope[]; prefix?: string; expiresIn?: number }): Promise<{ id: string; key: string }>;
  rotate(id: string, grace: number): Promise<string>;
  remove(id: string): Promise<void>;
  /** Moves the clock, in ms. */
  wait(ms: number): void;
}

/** Every kind of key there is, as in the table of the REST routes; the prefix of one covers the key `touched`. */
export async function callerKinds(make: KeyMaker, touched = TOUCHED): Promise<readonly CallerKind[]> {
  const primary = await make.project('p');
  const other = await make.project('q');
  const expired = await make.key({ expiresIn: 10_000 });
  const ended = await make.key({});
  const endedNow = await make.rotate(ended.id, 10_000);
  make.wait(10_000);
  const revoked = await make.key({});
  await make.remove(revoked.id);
  const gracious = await make.key({});
  const graciousNow = await make.rotate(gracious.id, 1_000_000_000);
  const nobody = { owner: 'nobody' } as const;
  const full = { owner: 'p', scopes: SCOPES } as const;
  const some: CallerKind[] = [];
  for (const scope of SCOPES) {
    const without = SCOPES.filter((one) => one !== scope);
    some.push({ ...full, name: `only ${scope}`, secret: (await make.key({ scopes: [scope] })).key, scopes: [scope] });
    some.push({ ...full, name: `no ${scope}`, secret: (await make.key({ scopes: without })).key, scopes: without });
  }
  const prefix = touched.slice(0, -1);
  const inside = (await make.key({ prefix })).key;
  const outside = (await make.key({ prefix: `${prefix}y` })).key;
  return [
    { name: 'none', secret: undefined, ...nobody },
    { name: 'garbage', secret: 'garbage', ...nobody },
    { name: 'empty', secret: '', ...nobody },
    { name: 'malformed', secret: `${primary.slice(0, -1)}${primary.endsWith('A') ? 'B' : 'A'}`, ...nobody },
    { name: 'unknown', secret: generateKey().secret, ...nobody },
    { name: 'wrong secret', secret: generateKey(primary.slice(4, 12)).secret, ...nobody },
    { name: 'expired', secret: expired.key, ...nobody },
    { name: 'revoked', secret: revoked.key, ...nobody },
    { name: 'rotated, after grace', secret: ended.key, ...nobody },
    { name: 'rotated, the new one', secret: endedNow, ...full },
    { name: 'rotated, within grace', secret: gracious.key, ...full },
    { name: 'rotated, the new one within grace', secret: graciousNow, ...full },
    { name: 'system', secret: make.systemKey, owner: 'system' },
    { name: 'primary', secret: primary, ...full },
    { name: 'other project', secret: other, owner: 'q', scopes: SCOPES },
    ...some,
    { ...full, name: 'prefix inside', secret: inside, prefix },
    { ...full, name: 'prefix outside', secret: outside, prefix: `${prefix}y` },
  ];
}

/** What a row of an access table says of a kind, for a call about `p` that touches this key. */
export function expectedOutcome(
  access: Access,
  { owner, scopes = [], prefix }: CallerKind,
  touched = TOUCHED,
): Outcome {
  if (access === 'open') return 'allowed';
  if (owner === 'nobody') return 'unauthenticated';
  if (access === 'any') return 'allowed';
  if (owner === 'system') return access === 'system' || access.system ? 'allowed' : 'insufficient_scope';
  if (access === 'system') return 'insufficient_scope';
  if (owner !== 'p') return 'unauthenticated';
  if (!access.needs.every((scope) => scopes.includes(scope))) return 'insufficient_scope';
  if (prefix === undefined || access.prefix === 'free' || access.prefix === 'slice') return 'allowed';
  return access.prefix === 'key' && touched.startsWith(prefix) ? 'allowed' : 'insufficient_scope';
}
