import type { Identity, Scope } from './api-key.js';
import { AppError } from './errors.js';

/** Who may call a route: the system key; a key of the project in its path, with a scope where one is named; any valid key. */
export type AccessRule =
  | { readonly allow: 'system' }
  | { readonly allow: 'project'; readonly scope?: Scope; readonly orSystem?: true }
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

/** Whether the identity's prefix, if it has one, lets it touch the entry `key`. */
export function covers(identity: Identity, key: string): boolean {
  return identity.prefix === undefined || key.startsWith(identity.prefix);
}
