import type { Parameters } from './query-parameters.js';
import type { Route } from './route.js';

type Defaulted = 'system' | 'query' | 'body';

/** A line of the route table with what is usual filled in. */
export function defineRoute<P extends Parameters>(
  line: Omit<Route<P>, Defaulted | 'changes'> & Partial<Pick<Route<P>, Defaulted>>,
): Route {
  return { system: false, query: {}, body: 'none', changes: line.method !== 'GET', ...line } as unknown as Route;
}
