import type { RestErrorCode } from '../response/http-error.js';
import type { Route } from '../routing/route.js';

/** Whatever a request asks for, it can fail so. */
const ALWAYS: readonly RestErrorCode[] = [
  'invalid',
  'method_not_allowed',
  'uri_too_long',
  'expectation_failed',
  'headers_too_large',
  'internal',
  'unavailable',
];

type Judged = Pick<Route, 'access' | 'body' | 'conditional' | 'path' | 'method' | 'errors'>;

/** The ways in which a request to a route can fail, by what the route table says of it. */
export function errorsOf(route: Judged): ReadonlySet<RestErrorCode> {
  const { access, body, conditional, path, method } = route;
  const scoped = access !== 'open' && access.allow === 'project' && access.scope !== undefined;
  const ofProject = path.includes('{project}');
  const writesEntries = method !== 'GET' && scoped && (access.scope === 'write' || access.scope === 'delete');
  return new Set<RestErrorCode>([
    ...ALWAYS,
    ...when(access !== 'open', 'unauthenticated', 'rate_limited'),
    ...when(scoped, 'insufficient_scope'),
    ...when(ofProject, 'not_found'),
    ...when(body !== 'none', 'timeout', 'too_large', 'unsupported_media_type'),
    ...when(conditional === true, 'precondition_failed'),
    ...when(writesEntries, 'outcome_unknown'),
    ...when(writesEntries && access.scope === 'write', 'insufficient_storage', 'unprocessable'),
    ...when(writesEntries && body !== 'stream', 'precondition_required'),
    ...(route.errors ?? []),
  ]);
}

function when(holds: boolean, ...codes: RestErrorCode[]): RestErrorCode[] {
  return holds ? codes : [];
}
