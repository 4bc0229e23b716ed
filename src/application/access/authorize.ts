import type { Identity, Scope } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { keyProblem } from '../../domain/key.js';
import type { Project } from '../../domain/project.js';
import type { AccessRule } from './access-rules.js';

/** The entries that a request touches, as far as it names them. */
export interface Touched {
  readonly key?: string | readonly string[] | undefined;
  readonly prefix?: string | undefined;
}

/** The one error for every key that is missing, malformed, unknown, wrong, expired, revoked or of another project. */
export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'Invalid or missing API key');
}

/**
 * Every use case calls this first. Throws `unauthenticated` for a key of another project, `insufficient_scope` for a
 * key of this project that lacks the scope or reaches beyond its prefix, and for a key of the wrong kind.
 */
export function requireAccess(
  caller: Identity,
  rule: AccessRule,
  project: string | undefined,
  touched?: Touched,
): void {
  authorize(caller, rule, project);
  if (caller.prefix !== undefined) confine(caller, rule, touched ?? {});
}

/**
 * The part of `requireAccess` that needs nothing but the caller; `project` is undefined if the request is about none.
 */
export function authorize(caller: Identity, rule: AccessRule, project: string | undefined): void {
  if (rule.allow === 'any') return;
  const isSystem = caller.project === undefined;
  if (isSystem && (rule.allow === 'system' || rule.orSystem)) return;
  if (isSystem || rule.allow === 'system') throw wrongKind(caller);
  if (caller.project !== project) throw unauthenticated();
  if (rule.scope !== undefined) requireScope(caller, rule.scope);
}

/**
 * The error for the system key on what belongs to a project, or the other way round. It says nothing about projects: it
 * depends on the caller's own key alone.
 */
function wrongKind({ kind }: Identity): AppError {
  if (kind === 'anonymous') return unauthenticated();
  const [message, needed] =
    kind === 'system'
      ? ['This is the system key, which opens no entries; use an API key of the project', 'project']
      : ['This is an API key of a project; use the system key', 'system'];
  return new AppError('insufficient_scope', message, { details: { required_scope: needed } });
}

/** The part of `requireAccess` that confines a key to its prefix; called for each request of a key with one. */
export function confine(caller: Identity, rule: AccessRule, { key = [], prefix }: Touched): void {
  if (rule.allow !== 'project' || caller.prefix === undefined) return;
  const keys = typeof key === 'string' ? [key] : key;
  if (!keys.every((one) => covers(caller, one))) throw beyondPrefix(caller, rule.scope);
  if (prefix !== undefined) prefixFor(caller, rule.scope, prefix);
  const named = keys.length > 0 || (prefix !== undefined && prefix !== '');
  if (rule.scope !== undefined && !named && rule.handlesPrefix === undefined) throw beyondPrefix(caller, rule.scope);
}

/** Throws `insufficient_scope`, naming the scope, if the caller lacks it. */
export function requireScope(caller: Identity, scope: Scope): void {
  if (caller.scopes.includes(scope)) return;
  throw new AppError('insufficient_scope', `This API key lacks the scope "${scope}"`, {
    details: { required_scope: scope },
  });
}

/** Throws `insufficient_scope` if the caller may not use `scope` on the entry `key`. */
export function requireScopeOn(caller: Identity, scope: Scope, key: string): void {
  requireScope(caller, scope);
  if (!covers(caller, key)) throw beyondPrefix(caller, scope);
}

/**
 * The prefix of the entries that a request touches which asks for those with the prefix `asked` (empty or undefined:
 * all). For a key with a prefix, all means that prefix; throws `insufficient_scope` if it asks for more.
 */
export function prefixFor(caller: Identity, scope: Scope | undefined, asked = ''): string {
  if (caller.prefix === undefined) return asked;
  if (asked === '') return caller.prefix;
  if (asked.startsWith(caller.prefix)) return asked;
  throw beyondPrefix(caller, scope);
}

/** The error for a key that reaches beyond its prefix. */
export function beyondPrefix({ prefix }: Identity, scope: Scope | undefined): AppError {
  return new AppError('insufficient_scope', `This API key is confined to keys that begin with "${prefix}"`, {
    details: { ...(scope === undefined ? {} : { required_scope: scope }), prefix },
  });
}

/** Whether the caller's prefix, if it has one, lets it touch the entry `key`. */
export function covers(caller: Identity, key: string): boolean {
  return caller.prefix === undefined || key.startsWith(caller.prefix);
}

/** Whether a project's keys may be listed and counted; not if there is no such project. */
export function hasVisibleKeys(project: Project | undefined): boolean {
  return project?.security.keys_and_values_discoverable ?? false;
}

/** Whether the caller may know the names of files. */
export function seesFiles(caller: Identity): boolean {
  return caller.scopes.includes('admin');
}

/** Throws `forbidden` if the project hides its keys. */
export function requireVisibleKeys(project: Project | undefined): void {
  if (hasVisibleKeys(project)) return;
  throw new AppError('forbidden', 'Retrieving all keys and values is disabled for this project');
}

/**
 * Throws `invalid` unless the string is 1 to 512 bytes of valid UTF-8; `path` is its place in the request, if that has
 * one.
 */
export function requireValidKey(key: string, path?: string): void {
  const problem = keyProblem(key);
  if (problem === undefined) return;
  throw new AppError(
    'invalid',
    path === undefined ? problem : `${path}: ${problem}`,
    path === undefined ? {} : { details: { path } },
  );
}
