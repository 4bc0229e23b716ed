import type { AccessRule } from '../../../application/access/access-rules.js';
import type { Content, Route, RouteResponse } from '../routing/route.js';
import { errorRefs } from './error-responses.js';
import { named } from './named-schemas.js';
import { pathParameters } from './path-parameters.js';
import { errorsOf } from './route-errors.js';
import { headerRefs, ref, shape } from './schemas.js';

const NOTHING = { type: 'null' };

/** A route as an operation of the OpenAPI document. */
export function operationOf(route: Route): object {
  const { id, tag, summary, access, content } = route;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [route.description, accessText(access)].filter(Boolean).join('\n\n'),
    ...(access === 'open' ? { security: [] } : {}),
    parameters: parametersOf(route),
    ...(content === undefined ? {} : { requestBody: requestBody(content) }),
    responses: { ...errorRefs(errorsOf(route)), ...responsesOf(route) },
  };
}

/** The parameters of a route, those in its path first. */
export function parametersOf(
  route: Pick<Route, 'path' | 'examplePath' | 'query' | 'required' | 'conditional'> &
    Partial<Pick<Route, 'method' | 'ranged'>>,
): object[] {
  const inQuery = Object.entries(route.query).map(([name, { description, schema, list }]) => ({
    name,
    in: 'query',
    required: route.required?.includes(name) ?? false,
    description,
    schema: list ? { type: 'array', items: schema } : schema,
  }));
  return [
    ...pathParametersOf(route),
    ...inQuery,
    ...conditionalHeaders(route).map(parameterRef),
    ...(route.ranged ? ['Range', 'IfRange'] : []).map(parameterRef),
    ...('ttl' in route.query ? [parameterRef('Ttl')] : []),
    ...('keep_meta' in route.query ? [parameterRef('Meta')] : []),
    parameterRef('RequestId'),
  ];
}

function conditionalHeaders({
  conditional,
  method,
}: Pick<Route, 'conditional'> & Partial<Pick<Route, 'method'>>): readonly string[] {
  if (conditional === undefined) return [];
  const always = ['IfMatch', 'IfNoneMatch', 'IfUnmodifiedSince'];
  return method === 'GET' ? [...always, 'IfModifiedSince'] : always;
}

/** The names between the braces of a path, with `*` if they have it. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+\*?)\}/g)].map(([, name]) => name ?? '');
}

function pathParametersOf({ path, examplePath }: Pick<Route, 'path' | 'examplePath'>): object[] {
  return namesIn(path).map((name) => {
    const parameter = pathParameters[name];
    if (parameter === undefined) throw new Error(`${path}: {${name}} is not described in path-parameters.ts`);
    const plain = name.replace('*', '');
    const example = examplePath?.[plain] ?? parameter.example;
    return { name: plain, in: 'path', required: true, ...parameter, example };
  });
}

function parameterRef(name: string): object {
  return { $ref: `#/components/parameters/${name}` };
}

function requestBody({ description, required = true, schema, examples }: Content): object {
  const content = Object.entries(examples).map(([type, example]) => [type, { schema, example }]);
  return { ...(description === undefined ? {} : { description }), required, content: Object.fromEntries(content) };
}

function responsesOf({ id, responses, system }: Route): object {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      {
        description: response.description,
        headers: headerRefs(response.headers),
        ...responseContent(response, Number(status), { id, system, responses }),
      },
    ]),
  );
}

function responseContent(
  response: RouteResponse,
  status: number,
  { id, system, responses }: Pick<Route, 'id' | 'system' | 'responses'>,
): object {
  if (!('message' in response)) {
    if (response.type === undefined) return {};
    return { content: { [response.type]: { schema: response.schema, example: response.example } } };
  }
  const { data = NOTHING, example = null, message, alternative } = response;
  const isFirst = Object.keys(responses)[0] === String(status);
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}Response${isFirst ? '' : status}`;
  const schema = shape({
    System: system ? ref('System') : NOTHING,
    data,
    message: { type: 'string' },
    status_code: { const: status },
  });
  const envelope = { System: system ? systemExample : null, data: example, message, status_code: status };
  const other =
    alternative === undefined
      ? {}
      : { [alternative.type]: { schema: alternative.schema, example: alternative.example } };
  return { content: { 'application/json': { schema: named(name, schema), example: envelope }, ...other } };
}

const systemExample = {
  memory_usage_bytes: 84082688,
  number_of_projects: 1,
  storage_usage_bytes: 4096,
  uptime: 60,
  version: '0.2.0',
};

function accessText(access: AccessRule | 'open'): string {
  if (access === 'open') return 'Needs no key.';
  if (access.allow === 'any') return 'Needs any valid key.';
  if (access.allow === 'system') return 'Needs the system key.';
  const scope = access.scope === undefined ? '' : ` with the scope \`${access.scope}\``;
  return `Needs a key of the project${scope}${access.orSystem ? ', or the system key' : ''}.`;
}
