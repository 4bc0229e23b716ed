import { type Awaitable, andThen } from '../../../application/awaitable.js';
import type { Keyspaces } from '../../../application/keyspace/keyspaces.js';
import type { Route } from '../routing/route.js';

/** How large a body may be, and the setting that limits it, if one does. */
export interface BodyLimit {
  readonly bytes: number;
  readonly setting?: string;
}

const CONTROL: BodyLimit = { bytes: 1024 * 1024 };
const MANY: BodyLimit = { bytes: 8 * 1024 * 1024 };

/** The limit of a route's body. A value has its project's limit. */
export function bodyLimitOf(route: Route, project: string | undefined, keyspaces: Keyspaces): Awaitable<BodyLimit> {
  if (route.body === 'json') return CONTROL;
  if (route.body === 'form' || route.body === 'transaction') return MANY;
  return andThen(keyspaces.of(project as string), ({ rules }) => ({
    bytes: rules.maxValueBytes,
    setting: 'max_value_bytes',
  }));
}
