import { expect } from 'chai';
import { errorTable } from '../../../src/interfaces/rest/response/error-response.js';
import { TestServer } from '../../harness/test-server.js';
import { DocumentedRoutes, type Response } from './documented-routes.js';

describe('The OpenAPI document', () => {
  let server: TestServer;
  let routes: DocumentedRoutes;

  before(async () => {
    server = await TestServer.start();
    routes = await DocumentedRoutes.of(server);
  });
  after(() => server.stop());

  it('describes the purpose, the keys and the successful responses of every route', () => {
    for (const { operation, method } of routes.all) {
      const { operationId, summary, description, tags, responses } = operation;
      expect(summary, `summary of ${operationId}`).to.be.a('string').that.is.not.empty;
      expect(['GET', 'PUT', 'POST', 'PATCH', 'DELETE'], operationId).to.include(method);
      expect(description, operationId).to.match(/Needs (no key|any valid key|the system key|a key of)/);
      expect(tags, `tag of ${operationId}`).to.have.length(1);
      const good = Object.keys(responses).filter((status) => Number(status) < 400);
      expect(good, `answers of ${operationId}`).not.to.be.empty;
    }
  });

  it('has a description and an example of every parameter, body and response', () => {
    for (const { operation, parameters, method, path } of routes.all) {
      const { operationId, requestBody, responses } = operation;
      for (const { name, description, example, schema } of parameters) {
        expect(description, `${operationId} ${name}`).to.be.a('string').that.is.not.empty;
        const shown = example ?? schema.examples?.[0] ?? schema.items?.examples?.[0];
        expect(shown, `example of ${name} of ${operationId}`).not.to.equal(undefined);
      }
      if (['PUT', 'PATCH'].includes(method)) expect(requestBody, `body of ${operationId}`).not.to.equal(undefined);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(inPath, operationId).to.have.members(named);
      for (const [type, { example, schema }] of Object.entries(requestBody?.content ?? {})) {
        expect(routes.problemWith(example, schema), `${operationId} ${type}`).to.equal(undefined);
      }
      for (const [status, one] of Object.entries(responses).filter(([status]) => Number(status) < 400)) {
        for (const [type, { example, schema }] of Object.entries(routes.resolve<Response>(one).content ?? {})) {
          expect(routes.problemWith(example, schema), `${operationId} ${status} ${type}`).to.equal(undefined);
        }
      }
    }
  });

  it('has every error code with its status, in both formats', () => {
    const responses = Object.values(routes.document.components.responses as Record<string, Response>);
    const shown = responses.flatMap(({ content = {} }) => {
      expect(content).to.have.all.keys('application/json', 'application/problem+json');
      const { examples } = content['application/json'] as unknown as { examples: Record<string, { value: object }> };
      return Object.entries(examples).map(([code, { value }]) => [
        code,
        (value as { status_code: number }).status_code,
      ]);
    });
    const known = Object.entries(errorTable).map(([code, { status }]) => [code, status]);
    expect(shown).to.have.deep.members(known);
  });

  it('has status 428 for every write of which a project may require a condition', () => {
    const asking = routes.all.filter(({ operation }) => operation.responses['428'] !== undefined);
    expect(asking.map(({ operation }) => operation.operationId)).to.have.members([
      ...[
        'putItem',
        'patchItem',
        'deleteItem',
        'incrementItem',
        'appendToItem',
        'touchItem',
        'storeForm',
        'removeEntries',
      ],
      ...['putValue', 'patchValue', 'deleteValue', 'putValueByQuery', 'patchValueByQuery', 'deleteValueByQuery'],
      'runTransaction',
    ]);
  });

  it('has a unique id for every operation', () => {
    const ids = routes.all.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
  });
});
