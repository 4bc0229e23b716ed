import { WHOLE_SERVER } from '../connection/request-line.js';
import type { Route, RouteDialect } from './route.js';

/** All routes that share a path. */
export interface Resource {
  readonly path: string;
  readonly routes: ReadonlyMap<string, Route>;
  /** The possible methods, as the header `Allow` lists them. */
  readonly allow: string;
  /** The dialect of its routes. */
  readonly dialect: RouteDialect | undefined;
  /** The headers of the response to OPTIONS. */
  readonly options: Readonly<Record<string, string>>;
}

/** The resources of the route table, by path. */
export function resourcesOf(routes: readonly Route[]): ReadonlyMap<string, Resource> {
  const byPath = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = byPath.get(route.path) ?? new Map<string, Route>();
    byPath.set(route.path, methods.set(route.method, route));
  }
  return new Map([...byPath].map(([path, methods]) => [path, resourceOf(path, methods)]));
}

function resourceOf(path: string, routes: ReadonlyMap<string, Route>): Resource {
  const allow = allowOf(routes);
  const patch = routes.get('PATCH')?.content;
  const accepted = patch && { 'Accept-Patch': Object.keys(patch.examples).join(', ') };
  const [dialect] = [...routes.values()].map((route) => route.dialect);
  return { path, routes, allow, dialect, options: { Allow: allow, ...accepted } };
}

/** The server as a whole, `*`, which only has OPTIONS: the methods that are possible on any resource. */
export function wholeServer(routes: readonly Route[]): Resource {
  const methods = new Map(routes.map((route) => [route.method, route]));
  const allow = allowOf(methods);
  return { path: WHOLE_SERVER, routes: new Map(), allow, dialect: undefined, options: { Allow: allow } };
}

function allowOf(methods: ReadonlyMap<string, Route>): string {
  const names = [...methods.keys()];
  return [...(methods.has('GET') ? ['GET', 'HEAD'] : []), ...names.filter((name) => name !== 'GET'), 'OPTIONS'].join(
    ', ',
  );
}
