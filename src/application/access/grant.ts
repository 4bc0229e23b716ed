import type { Identity, Scope } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { beyondPrefix, requireScope } from './authorize.js';

/** The rights that a key is given, or has. `expiresAt` in ms since 1970. */
export interface Grant {
  readonly scopes: readonly Scope[];
  readonly prefix?: string | undefined;
  readonly expiresAt?: number | undefined;
}

/**
 * Throws `insufficient_scope` if the caller would grant more than it has: a scope it lacks, keys outside its prefix, or
 * a later expiry. The system key has no scope of a project, but may grant all.
 */
export function requireGrant(caller: Identity, { scopes, prefix, expiresAt = Infinity }: Grant): void {
  if (caller.project === undefined) return;
  for (const scope of scopes) requireScope(caller, scope);
  requireWithin(caller, prefix);
  if (caller.expiresAt === undefined || expiresAt <= caller.expiresAt) return;
  throw new AppError('insufficient_scope', 'This API key expires, and no key that it makes may outlive it', {
    details: { required_scope: 'admin', expires_at: caller.expiresAt / 1000 },
  });
}

/** Throws `insufficient_scope` if a key with this prefix reaches beyond the caller's. */
export function requireWithin(caller: Identity, prefix: string | undefined): void {
  if (!isWithin(caller, prefix)) throw beyondPrefix(caller, 'admin');
}

/** Whether a key with this prefix stays within the caller's. */
export function isWithin({ prefix: own }: Identity, prefix: string | undefined): boolean {
  return own === undefined || (prefix?.startsWith(own) ?? false);
}
