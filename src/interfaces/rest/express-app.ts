import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request } from 'express';
import helmet from 'helmet';
import { AppError } from '../../domain/errors.js';
import type { PageRouters } from './pages/pages.js';
import type { RequestPipeline } from './request-pipeline.js';
import { FAST_PATHS } from './routing/fast-path.js';
import type { Resource } from './routing/resource.js';

/** All routes on express, also the fast ones, of which it serves the URLs that `fastPath` does not recognise. */
export function expressApp(
  resources: ReadonlyMap<string, Resource>,
  pipeline: Pick<RequestPipeline, 'serve' | 'refuse'>,
  pages: PageRouters = {},
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', false);
  const all = [...resources.values()];
  const isFast = ({ path }: Resource) => FAST_PATHS.includes(path);
  mount(app, all.filter(isFast), pipeline);
  // Every response has the API's own policy; the proxy that adds TLS decides what to require of it.
  app.use(helmet({ contentSecurityPolicy: false, strictTransportSecurity: false }));
  mount(
    app,
    all.filter((resource) => !isFast(resource)),
    pipeline,
  );
  for (const [path, router] of Object.entries(pages)) app.use(path, router);
  app.use((request, response) => {
    pipeline.refuse(new AppError('not_found', `There is no ${request.path}`), request, response);
  });
  app.use((error: unknown, request: IncomingMessage, response: ServerResponse, _: NextFunction) => {
    const problem = isUndecodable(error) ? new AppError('invalid', 'The path is not percent-encoded UTF-8') : error;
    pipeline.refuse(problem, request, response);
  });
  return app;
}

function mount(app: Express, resources: readonly Resource[], pipeline: Pick<RequestPipeline, 'serve'>): void {
  for (const resource of resources) {
    app.all(expressPath(resource.path), (request, response) =>
      pipeline.serve(resource, pathOf(request), request, response),
    );
    const [parameter, name] = /(?<=\/)\{(key|\w+(?=\*))\*?\}/.exec(resource.path) ?? [];
    if (parameter === undefined || name === undefined) continue;
    // An empty segment matches no parameter of express, but it is an empty key, not another route.
    app.all(expressPath(resource.path.replace(parameter, '')), (request, response) =>
      pipeline.serve(resource, { ...pathOf(request), [name]: '' }, request, response),
    );
  }
}

/** `{name}` as express writes it: `:name`, and `*name` for the rest of the path. */
function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)(\*?)\}/g, (_, name: string, rest: string) => (rest ? `*${name}` : `:${name}`));
}

function pathOf(request: Request): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('/') : String(value),
    ]),
  );
}

function isUndecodable(error: unknown): boolean {
  return error instanceof URIError || (error as { status?: number } | null)?.status === 400;
}
