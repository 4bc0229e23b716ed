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
 * Throws `insufficient_scope` where the giver would hand out more than it holds: a scope it lacks, keys outside its prefix, or time
 * beyond its own end. The system key holds no scope of a project, but may grant all.
 */
export function requireGrant(giver: Identity, { scopes, prefix, expiresAt = Infinity }: Grant): void {
  if (giver.project === undefined) return;
  for (const scope of scopes) requireScope(giver, scope);
  requireWithin(giver, prefix);
  if (giver.expiresAt === undefined || expiresAt <= giver.expiresAt) return;
  throw new AppError('insufficient_scope', 'This API key expires, and no key that it makes may outlive it', {
    details: { required_scope: 'admin', expires_at: giver.expiresAt / 1000 },
  });
}

/** Throws `insufficient_scope` where a key with this prefix reaches beyond the slice that the identity is confined to. */
export function requireWithin(identity: Identity, prefix: string | undefined): void {
  if (!isWithin(identity, prefix)) throw beyondPrefix(identity, 'admin');
}

/** Whether a key with this prefix stays in the slice that the identity is confined to. */
export function isWithin({ prefix: own }: Identity, prefix: string | undefined): boolean {
  return own === undefined || (prefix?.startsWith(own) ?? false);
}
