import type { AccessRule } from '../../../application/access/access-rules.js';
import type { RestErrorCode } from '../response/http-error.js';
import type { Route } from '../routing/route.js';

/** Errors with which a request to any route can fail. */
const ALWAYS: readonly RestErrorCode[] = [
  'invalid',
  'method_not_allowed',
  'uri_too_long',
  'expectation_failed',
  'headers_too_large',
  'internal',
  'unavailable',
];

type RouteTraits = Pick<Route, 'access' | 'body' | 'conditional' | 'path' | 'method' | 'errors'>;

/** The errors with which a request to a route can fail, derived from the route table. */
export function errorsOf(route: RouteTraits): ReadonlySet<RestErrorCode> {
  const { access, body, conditional, path, method } = route;
  const scoped = access !== 'open' && access.allow === 'project' && access.scope !== undefined;
  const inProject = path.includes('{project}');
  const writesEntries = method !== 'GET' && scoped && (access.scope === 'write' || access.scope === 'delete');
  return new Set<RestErrorCode>([
    ...ALWAYS,
    ...codesIf(access !== 'open', 'unauthenticated', 'rate_limited'),
    ...codesIf(scoped || (access !== 'open' && needsKind(access)), 'insufficient_scope'),
    ...codesIf(inProject, 'not_found'),
    ...codesIf(body !== 'none', 'timeout', 'too_large', 'unsupported_media_type'),
    ...codesIf(conditional === true, 'precondition_failed'),
    ...codesIf(writesEntries, 'outcome_unknown'),
    ...codesIf(writesEntries && access.scope === 'write', 'insufficient_storage', 'unprocessable'),
    ...codesIf(writesEntries && body !== 'stream', 'precondition_required'),
    ...(route.errors ?? []),
  ]);
}

/** Whether only the system key, or only keys of the project, open the route. */
function needsKind(access: AccessRule): boolean {
  return access.allow === 'system' || (access.allow === 'project' && !access.orSystem);
}

function codesIf(condition: boolean, ...codes: RestErrorCode[]): RestErrorCode[] {
  return condition ? codes : [];
}
