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
        'postItem',
        'patchItem',
        'deleteItem',
        'incrementItem',
        'appendToItem',
        'touchItem',
        'storeForm',
        'removeEntries',
      ],
      ...['putValue', 'patchValue', 'deleteValue', 'putValueByQuery', 'patchValueByQuery', 'deleteValueByQuery'],
      ...['postValue', 'postValueByQuery', 'runTransaction'],
    ]);
  });

  it('says of every object whether it may have further members', () => {
    const silent: string[] = [];
    walk(routes.document, '', (at, part) => {
      if (part.type === 'object' && part.additionalProperties === undefined) silent.push(at);
    });
    expect(silent).to.deep.equal([]);
  });

  it('has no union without a name, except of one schema and null, and each is exclusive', () => {
    const unnamed: string[] = [];
    walk(routes.document, '', (at, { anyOf, oneOf }) => {
      const isNullable = anyOf?.length === 2 && anyOf.some(({ type }) => type === 'null');
      if (anyOf !== undefined && !isNullable) unnamed.push(at);
      if (oneOf !== undefined && !/^\/components\/schemas\/\w+$/.test(at)) unnamed.push(at);
    });
    expect(unnamed).to.deep.equal([]);
  });

  it('marks the member that says which alternative a value is, and every alternative has it', () => {
    const unions = Object.values(routes.document.components.schemas as Record<string, SchemaPart>);
    const marked = unions.filter(({ discriminator }) => discriminator !== undefined);
    expect(marked).not.to.deep.equal([]);
    for (const { discriminator, oneOf } of marked) {
      const { propertyName = '', mapping = {} } = discriminator ?? {};
      expect(oneOf?.map(({ $ref }) => $ref)).to.have.members(Object.values(mapping));
      for (const [kind, $ref] of Object.entries(mapping)) {
        const { properties } = routes.resolve({ $ref }) as SchemaPart;
        expect(properties?.[propertyName]).to.deep.equal({ const: kind });
      }
    }
  });

  it('asks for no parameter that another one may stand in for', () => {
    const latest = routes.all.find(({ operation }) => operation.operationId === 'latestEntry');
    const required = latest?.parameters.filter(({ required, in: where }) => required && where === 'query');
    expect(required).to.deep.equal([]);
  });

  it('names this server by a relative reference, and the default address', () => {
    expect(routes.document.servers.map(({ url }: { url: string }) => url)).to.deep.equal([
      '/',
      'http://127.0.0.1:23849',
    ]);
  });

  it('has a unique id for every operation', () => {
    const ids = routes.all.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
  });
});

interface SchemaPart {
  readonly $ref?: string;
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, object>>;
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly SchemaPart[];
  readonly oneOf?: readonly SchemaPart[];
  readonly discriminator?: { readonly propertyName: string; readonly mapping: Readonly<Record<string, string>> };
}

/** Calls `visit` for every object in a part of the document that is no example. */
function walk(part: unknown, at: string, visit: (at: string, part: SchemaPart) => void): void {
  if (typeof part !== 'object' || part === null) return;
  visit(at, part as SchemaPart);
  for (const [name, value] of Object.entries(part)) {
    if (name !== 'example' && name !== 'examples') walk(value, `${at}/${name}`, visit);
  }
}
