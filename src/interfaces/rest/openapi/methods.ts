import type { HeaderName } from '../routing/documented-headers.js';
import type { Route } from '../routing/route.js';
import { errorRefs } from './error-responses.js';
import { operationOf, parametersOf } from './operation.js';
import { errorsOf } from './route-errors.js';
import { headerRefs } from './schemas.js';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

/** The methods that need no route: HEAD, if there is a GET, and OPTIONS, which every path has. */
export function methodsOf(routes: readonly Route[]): object {
  const get = routes.find(({ method }) => method === 'GET');
  const [first] = routes;
  const patches = routes.some(({ method }) => method === 'PATCH');
  if (first === undefined) return {};
  return {
    ...(get === undefined ? {} : { head: headOperation(get) }),
    options: optionsOperation(get ?? first, patches ? ['Allow', 'Accept-Patch'] : ['Allow']),
  };
}

function headOperation(get: Route): object {
  const { responses } = operationOf(get) as Operation;
  const bare = Object.entries(responses).map(([status, { content: _, ...response }]) => [status, response]);
  return {
    ...operationOf(get),
    operationId: `${get.id}Head`,
    tags: ['Methods'],
    summary: `As GET, without the body`,
    responses: Object.fromEntries(bare),
  };
}

function optionsOperation(route: Route, headers: readonly HeaderName[]): object {
  return {
    operationId: `${route.id}Options`,
    tags: ['Methods'],
    summary: 'The methods that the path has',
    security: [],
    parameters: parametersOf({ path: route.path, query: {} }),
    responses: {
      204: { description: 'They stand in `Allow`.', headers: headerRefs(headers) },
      ...errorRefs(errorsOf({ access: 'open', body: 'none', path: '/', method: 'GET' })),
    },
  };
}
