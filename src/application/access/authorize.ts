import type { Identity, Scope } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';

/**
 * Who may call a route: the system key; a key of the project in its path, with a scope where one is named; any valid key. A key
 * with a prefix is let through only where the request names what it touches, or where the handler keeps to the key's slice itself.
 */
export type AccessRule =
  | { readonly allow: 'system' }
  | {
      readonly allow: 'project';
      readonly scope?: Scope;
      readonly orSystem?: true;
      /** The handler keeps to the slice that a prefix leaves a key. */
      readonly slices?: true;
    }
  | { readonly allow: 'any' };

/** The one answer to every key that is missing, malformed, unknown, wrong, expired, revoked or foreign. */
export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'Invalid or missing API key');
}

/**
 * Passes where the rule lets this identity call a route of `project` (undefined: none in its path). Throws `unauthenticated` for a
 * key of another owner, `insufficient_scope` for one of this project without the right.
 */
export function authorize(identity: Identity, rule: AccessRule, project: string | undefined): void {
  if (rule.allow === 'any') return;
  const isSystem = identity.project === undefined;
  if (isSystem && (rule.allow === 'system' || rule.orSystem)) return;
  if (isSystem || rule.allow === 'system' || identity.project !== project) throw unauthenticated();
  if (rule.scope !== undefined) requireScope(identity, rule.scope);
}

/** Throws `insufficient_scope`, naming the scope, where the identity lacks it. */
export function requireScope(identity: Identity, scope: Scope): void {
  if (identity.scopes.includes(scope)) return;
  throw new AppError('insufficient_scope', `This API key lacks the scope "${scope}"`, {
    details: { required_scope: scope },
  });
}

/** Throws `insufficient_scope` where the identity may not use `scope` on the entry `key`. */
export function requireKey(identity: Identity, scope: Scope, key: string): void {
  requireScope(identity, scope);
  if (!covers(identity, key)) throw beyondPrefix(identity, scope);
}

/**
 * The prefix of the entries that a request for those with the prefix `asked` (empty or undefined: all) is about: for a key that is
 * confined to a prefix its own slice, and `insufficient_scope` where it asks for more than that.
 */
export function requirePrefix(identity: Identity, scope: Scope | undefined, asked = ''): string {
  if (identity.prefix === undefined) return asked;
  if (asked === '') return identity.prefix;
  if (asked.startsWith(identity.prefix)) return asked;
  throw beyondPrefix(identity, scope);
}

/** What a request says about the entries that it touches. */
export interface Touched {
  readonly key?: string | readonly string[] | undefined;
  readonly prefix?: string | undefined;
}

/**
 * Keeps a key with a prefix within its slice; called for each request of such a key. A route that acts on the whole project, and
 * whose handler does not say that it keeps to the slice, is closed to it.
 */
export function confine(identity: Identity, rule: AccessRule, { key = [], prefix }: Touched): void {
  if (rule.allow !== 'project' || identity.prefix === undefined) return;
  const keys = typeof key === 'string' ? [key] : key;
  if (!keys.every((one) => covers(identity, one))) throw beyondPrefix(identity, rule.scope);
  if (prefix !== undefined) requirePrefix(identity, rule.scope, prefix);
  const named = keys.length > 0 || (prefix !== undefined && prefix !== '');
  if (rule.scope !== undefined && !named && rule.slices === undefined) throw beyondPrefix(identity, rule.scope);
}

/** The error for a key that reaches beyond its prefix. */
export function beyondPrefix({ prefix }: Identity, scope: Scope | undefined): AppError {
  return new AppError('insufficient_scope', `This API key is confined to keys that begin with "${prefix}"`, {
    details: { ...(scope === undefined ? {} : { required_scope: scope }), prefix },
  });
}

/** Whether the identity's prefix, if it has one, lets it touch the entry `key`. */
export function covers(identity: Identity, key: string): boolean {
  return identity.prefix === undefined || key.startsWith(identity.prefix);
}
