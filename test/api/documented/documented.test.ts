import { expect } from 'chai';
import { headers as known } from '../../../src/interfaces/rest/routing/documented-headers.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';
import { type RequestOverrides, requestOf } from './documented-request.js';
import { type Documented, DocumentedRoutes, type Response } from './documented-routes.js';
import { scenarios } from './documented-scenarios.js';

describe('Every documented route', () => {
  let server: TestServer;
  let routes: DocumentedRoutes;

  beforeEach(async () => {
    server = await TestServer.start();
    routes = await DocumentedRoutes.of(server);
  });
  afterEach(() => server.stop());

  it('responds to its examples as documented', async function () {
    this.timeout(60_000);
    for (const route of routes.all) {
      const statuses = Object.keys(route.operation.responses).filter((status) => isOwn(route, status));
      for (const [i, status] of statuses.entries()) {
        const scenario = scenarios[`${route.operation.operationId} ${status}`];
        const types = i === 0 && scenario === undefined ? Object.keys(route.operation.requestBody?.content ?? {}) : [];
        for (const type of types.length === 0 ? [undefined] : types) {
          const what = `${route.operation.operationId} ${status} ${type ?? ''}`;
          await reset(server);
          const answer = await ask(route, { ...(await scenario?.(server)), ...(type === undefined ? {} : { type }) });
          expect(answer.status, `${what}: ${answer.text.slice(0, 300)}`).to.equal(Number(status));
          compare(answer, routes.resolve<Response>(route.operation.responses[status] as Response), what);
        }
      }
    }
  });

  it('responds to HEAD as to GET, without a body, and to OPTIONS with the methods that are documented', async () => {
    await reset(server);
    for (const route of routes.all.filter(({ method }) => method === 'GET')) {
      const { operationId, responses } = route.operation;
      const answer = await ask(route, { ...(await scenarios[`${operationId} 200`]?.(server)), method: 'HEAD' });
      expect(answer.status, operationId).to.be.below(400);
      expect(answer.text, operationId).to.equal('');
      compareHeaders(answer, routes.resolve<Response>(responses[answer.status] as Response), operationId);
    }
    for (const route of routes.all) {
      const answer = await ask(route, { method: 'OPTIONS' });
      expect(answer.status, route.path).to.equal(204);
      const documented = routes.all.filter(({ path }) => path === route.path).map(({ method }) => method);
      const head = documented.includes('GET') ? ['HEAD'] : [];
      const allowed = (answer.headers.get('allow') ?? '').split(/, */);
      expect(allowed, route.path).to.have.members([...documented, ...head, 'OPTIONS']);
    }
  });

  const failures: Readonly<
    Record<string, { on: (route: Documented) => boolean; wanted: RequestOverrides; status: number[] }>
  > = {
    'an unknown parameter': { on: () => true, wanted: { query: { nonsense: '1' } }, status: [400] },
    'no key': { on: ({ operation }) => operation.security === undefined, wanted: { key: undefined }, status: [401] },
    'a method that is not there': { on: () => true, wanted: { method: 'PROPFIND' }, status: [405] },
    'an unknown project': {
      on: ({ path }) => path.includes('{project}'),
      wanted: { path: { project: 'unknown' } },
      status: [404],
    },
    'a condition that does not hold': {
      on: ({ parameters, method }) => method !== 'GET' && parameters.some(({ name }) => name === 'If-Match'),
      wanted: { headers: { 'if-match': '"0"' } },
      status: [404, 412],
    },
    'a condition on a route without conditions': {
      on: ({ parameters, method }) => method !== 'GET' && !parameters.some(({ name }) => name === 'If-Match'),
      wanted: { headers: { 'if-match': '"0"' } },
      status: [400],
    },
  };

  for (const [what, { on, wanted, status }] of Object.entries(failures)) {
    it(`responds to ${what} with an error as documented, in both formats`, async () => {
      await reset(server);
      for (const route of routes.all.filter(on)) {
        for (const accept of ['application/json', 'application/problem+json']) {
          const { operationId, responses } = route.operation;
          const answer = await ask(route, { ...wanted, headers: { ...wanted.headers, accept } });
          expect(status, `${operationId}: ${answer.text}`).to.include(answer.status);
          expect(responses, operationId).to.have.property(String(answer.status));
          const response = routes.resolve<Response>(responses[answer.status] as Response);
          expect(answer.headers.get('content-type'), operationId).to.equal(accept);
          compare(answer, response, `${operationId} ${answer.status}`);
        }
      }
    });
  }

  function ask(route: Documented, wanted: RequestOverrides): Promise<TestResponse> {
    const { method, path, call } = requestOf(route, wanted, server);
    return server.call(method, path, call);
  }

  /** Whether the route itself documents the response, rather than a rule for all routes. */
  function isOwn({ operation }: Documented, status: string): boolean {
    return !('$ref' in (operation.responses[status] as object));
  }

  function compare(answer: TestResponse, response: Response, what: string): void {
    compareHeaders(answer, response, what);
    const type = answer.headers.get('content-type');
    const content = response.content?.[type ?? ''] ?? response.content?.['*/*'];
    if (response.content === undefined) expect(answer.text, what).to.equal('');
    else {
      expect(content, `${what}: content type ${type}`).not.to.equal(undefined);
      const body = /[/+]json$/.test(type ?? '') ? answer.json : answer.text;
      expect(routes.problemWith(body, content?.schema ?? {}), `${what}: ${answer.text.slice(0, 500)}`).to.equal(
        undefined,
      );
    }
  }

  function compareHeaders(answer: TestResponse, response: Response, what: string): void {
    const documented = Object.keys(response.headers ?? {});
    for (const [name, { schema, required }] of Object.entries(known)) {
      const value = answer.headers.get(name);
      if (value === null) {
        const missing = documented.includes(name) && required;
        expect(missing, `${what}: header ${name} is missing`).to.equal(false);
        continue;
      }
      expect(documented, `${what}: a header that is not documented`).to.include(name);
      const typed = /number|integer/.test(JSON.stringify(schema)) ? Number(value) : value;
      expect(routes.problemWith(typed, schema), `${what}: ${name}: ${value}`).to.equal(undefined);
    }
  }
});

/** Stores the entries that the examples name. */
async function reset(server: TestServer): Promise<void> {
  const key = server.projectKey;
  for (const [name, body] of Object.entries({ greeting: '{"text":"hello"}', visits: '41', log: 'one line\n' })) {
    await server.call('PUT', `first_project/values/${name}`, { key, body });
  }
}
