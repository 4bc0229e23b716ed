import type { Parameters } from '../routing/query-parameters.js';
import { defineRoute, type Route, type RouteDialect } from '../routing/route.js';

type Undescribed = 'tag' | 'responses' | 'dialect' | 'changes' | 'system' | 'query' | 'body';

/** What a dialect says about one of its routes; another server's documentation describes it. */
export type DialectRoute<P extends Parameters> = Omit<Route<P>, Undescribed> &
  Partial<Pick<Route<P>, 'query' | 'body' | 'changes'>>;

/** Returns what defines a route of a dialect. */
export function routesOf(dialect: RouteDialect): <P extends Parameters>(route: DialectRoute<P>) => Route {
  return (route) => ({ ...defineRoute({ ...route, tag: 'Dialects', responses: {} }), dialect });
}
