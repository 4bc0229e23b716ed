import type { CallOptions, TestServer } from '../../harness/test-server.js';
import type { Documented } from './documented-routes.js';

/** What a request has instead of the examples of the document. */
export interface RequestOverrides {
  readonly method?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string | undefined;
  /** Which of the documented content types to send. */
  readonly type?: string;
  readonly body?: unknown;
}

/** A request made of the examples of the document. */
export function requestOf(
  { path, method, parameters, operation }: Documented,
  wanted: RequestOverrides,
  server: TestServer,
): { method: string; path: string; call: CallOptions } {
  const examples = Object.fromEntries(
    parameters
      .filter(({ required }) => required)
      .map(({ name, example, schema }) => [
        name,
        String(example ?? schema.examples?.[0] ?? schema.items?.examples?.[0]),
      ]),
  );
  const at = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(wanted.path?.[name] ?? examples[name] ?? ''),
  );
  const inQuery = parameters.filter(({ required, in: where }) => required && where === 'query');
  const query = { ...Object.fromEntries(inQuery.map(({ name }) => [name, examples[name] ?? ''])), ...wanted.query };
  const key = 'key' in wanted ? wanted.key : keyFor(operation.description ?? '', server);
  const sends = operation.requestBody !== undefined && wanted.method === undefined;
  const body = sends ? bodyOf(operation.requestBody.content, wanted) : { headers: {} };
  const search = new URLSearchParams(query).toString();
  return {
    method: wanted.method ?? method,
    path: search === '' ? at : `${at}?${search}`,
    call: { key, ...body, headers: { ...body.headers, ...wanted.headers } },
  };
}

function keyFor(description: string, server: TestServer): string | undefined {
  if (description.includes('Needs no key')) return undefined;
  return /the system key/.test(description) ? server.systemKey : server.projectKey;
}

function bodyOf(
  content: Readonly<Record<string, { readonly example: unknown }>>,
  wanted: RequestOverrides,
): { body: string; headers: Record<string, string> } {
  const type = wanted.type ?? Object.keys(content)[0] ?? '';
  const example = wanted.body ?? content[type]?.example;
  const headers = { 'content-type': type === '*/*' ? 'application/octet-stream' : type };
  if (type === 'application/x-www-form-urlencoded') {
    return { body: new URLSearchParams(example as Record<string, string>).toString(), headers };
  }
  return { body: /[/+]json$/.test(type) ? JSON.stringify(example) : String(example), headers };
}
