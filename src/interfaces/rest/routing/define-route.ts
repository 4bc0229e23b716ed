import type { Parameters } from './query-parameters.js';
import type { Route } from './route.js';

type Defaulted = 'system' | 'query' | 'body';

/** A route with the usual values of the members that are left out. */
export function defineRoute<P extends Parameters>(
  route: Omit<Route<P>, Defaulted | 'changes'> & Partial<Pick<Route<P>, Defaulted>>,
): Route {
  return { system: false, query: {}, body: 'none', changes: route.method !== 'GET', ...route } as unknown as Route;
}
