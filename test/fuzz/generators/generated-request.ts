import type { Documented, DocumentedRoutes } from '../../api/documented/documented-routes.js';
import type { Chance } from './random-source.js';

/** A request whose framing is right, whatever else is wrong with it. */
export interface GeneratedRequest {
  readonly method: string;
  readonly target: string;
  readonly bytes: Buffer;
}

/** What requests are made from. */
export interface Supply {
  readonly routes: DocumentedRoutes;
  readonly projects: readonly string[];
  /** One for each project, at the same place. */
  readonly keys: readonly string[];
  readonly systemKey: string;
}

const TEXT_TOKENS = [
  '%',
  '%00',
  '%2F',
  '%C3%A9',
  '%ff',
  '/',
  '//',
  '..',
  '.',
  '?',
  '&',
  '=',
  '+',
  '*',
  ',',
  '-',
  '0',
  '9',
  '1e9',
  '__proto__',
  'a',
];
const BODY_TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  'true',
  '-1',
  '1e999',
  '0.5',
  '"__proto__":{},',
  '\\ud800',
  '\u0000',
  '\xff',
  '""',
  '9'.repeat(40),
];
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'If-Match': ['*', '"abc"', 'W/"abc"', '"1z141z4", "x"', ''],
  'If-None-Match': ['*', '"abc"', '"", "y"', ',,,'],
  Accept: ['*/*', 'text/event-stream', 'application/problem+json', 'text/html', 'application/json;q=0.1', ''],
  'Accept-Encoding': ['gzip', 'br;q=0.5, gzip', '*', 'identity;q=0', 'gzip;q=x'],
  'Content-Encoding': ['gzip', 'identity', 'x'],
  'X-Request-Id': ['abc', 'a b', 'x'.repeat(200), ''],
  Origin: ['http://a.example', 'null', ''],
  'Access-Control-Request-Method': ['PUT', 'x'],
  Expect: ['100-continue', 'x'],
  Range: ['bytes=0-1', 'bytes=-'],
  'Last-Event-ID': ['0', 'x'],
  'Idempotency-Key': ['1'],
  Connection: ['close', 'keep-alive'],
  Upgrade: ['websocket'],
  Cookie: ['a=b'],
  'X-Forwarded-For': ['1.2.3.4', 'x'],
  'X-HTTP-Method-Override': ['DELETE'],
};
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'MKCOL'];
const TYPES = [
  'application/json',
  'text/plain; charset=utf-8',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'application/merge-patch+json',
  'text/html',
  'multipart/form-data; boundary=x',
  'a/b',
  '',
];

/** Makes requests from the examples of the document, most of them wrong in one or two ways. */
export function generatedRequest(chance: Chance, supply: Supply): GeneratedRequest {
  const route = pickRoute(chance, supply.routes);
  const wrong = () => chance.is(0.12);
  const method = wrong() ? chance.pick(METHODS) : route.method;
  const entries = isEntryRoute(route);
  // What would change the projects under test, so that nothing else could be tried on them, happens to others.
  const changes = !entries && !['GET', 'HEAD', 'OPTIONS'].includes(method);
  const at = chance.below(supply.projects.length);
  const project = changes ? `fuzz-x${chance.below(4)}` : (supply.projects[at] as string);
  let target = pathOf(chance, route, project);
  const query = queryOf(chance, route);
  if (query !== '') target += `?${query}`;
  if (wrong()) target = `/${text(chance.damaged(Buffer.from(target), TEXT_TOKENS))}`;
  const headers: [string, string][] = [['Host', 'localhost']];
  if (!wrong()) headers.push(keyHeader(chance, keyFor(chance, supply, entries ? at : undefined)));
  for (let left = chance.below(3); left > 0; left--) headers.push(headerOf(chance));
  const body = method === 'TRACE' ? Buffer.alloc(0) : bodyOf(chance, route, headers, project);
  return { method, target, bytes: written(chance, method, target, headers, body) };
}

/** Mostly the one that opens the project at that place, or the system. */
function keyFor(chance: Chance, { keys, systemKey }: Supply, at: number | undefined): string {
  const right = at === undefined ? systemKey : (keys[at] as string);
  if (chance.is(0.85)) return right;
  return chance.is(0.3) ? chance.pick(keys) : text(chance.damaged(Buffer.from(right), ['pkv_', '_', 'a']));
}

function keyHeader(chance: Chance, key: string): [string, string] {
  const name = chance.pick(['Authorization', 'X-API-Key', 'Api-Key']);
  return [name, name === 'Authorization' ? `Bearer ${key}` : key];
}

function isEntryRoute({ path }: Documented): boolean {
  return /\/(store|values|transactions|latest)/.test(path);
}

/** Routes of entries more often than others, which would only change settings and hash secrets. */
function pickRoute(chance: Chance, routes: DocumentedRoutes): Documented {
  for (;;) {
    const route = chance.pick(routes.all);
    if (isEntryRoute(route) ? route.method !== 'OPTIONS' || chance.is(0.2) : chance.is(0.04)) return route;
  }
}

function pathOf(chance: Chance, { path, parameters }: Documented, project: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'project') return project;
    if (name === 'key') return keyOf(chance);
    return encodeURIComponent(String(parameters.find((one) => one.name === name)?.example ?? chance.below(10)));
  });
}

function keyOf(chance: Chance): string {
  if (chance.is(0.7)) return `key${chance.below(50)}`;
  if (chance.is(0.5))
    return encodeURIComponent(
      chance.pick([
        'a/b',
        'é',
        '\u{1f600}',
        '__proto__',
        'constructor',
        '.',
        '..',
        ' ',
        '\u0000',
        'x'.repeat(512),
        'x'.repeat(513),
      ]),
    );
  return text(chance.bytes(1 + chance.below(20)));
}

function queryOf(chance: Chance, { parameters, path }: Documented): string {
  const pairs = parameters
    .filter(({ in: place, required, name }) => place === 'query' && (required || name === 'wait' || chance.is(0.25)))
    .map(({ name, example, schema }) => {
      if (name === 'wait') return `wait=${chance.pick(['0', '0.01', '-1', 'x', ''])}`;
      const value = String(example ?? schema.examples?.[0] ?? schema.items?.examples?.[0] ?? '');
      return `${name}=${chance.is(0.3) ? text(chance.damaged(Buffer.from(value), TEXT_TOKENS)) : encodeURIComponent(value)}`;
    });
  if (path.endsWith('/changes') && !pairs.some((pair) => pair.startsWith('wait='))) pairs.push('wait=0');
  if (chance.is(0.05))
    pairs.push(chance.pick(['x=1', '__proto__=1', 'ttl=5', 'ttl=5&ttl=6', 'limit=0', 'cursor=AAAA', '%', '=']));
  return pairs.join('&');
}

function headerOf(chance: Chance): [string, string] {
  const name = chance.pick(Object.keys(HEADERS));
  const value = chance.pick(HEADERS[name] as readonly string[]);
  if (chance.is(0.8) || name === 'Connection' || name === 'Expect') return [name, value];
  return [
    name,
    chance
      .damaged(Buffer.from(value), ['"', ',', '*', ';', ' '])
      .toString('latin1')
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''),
  ];
}

function bodyOf(
  chance: Chance,
  { operation, method }: Documented,
  headers: [string, string][],
  project: string,
): Buffer {
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0 || method === 'HEAD' || method === 'OPTIONS')
    return chance.is(0.05) ? chance.bytes(chance.below(50)) : Buffer.alloc(0);
  const [type, { example }] = chance.pick(content);
  headers.push(['Content-Type', chance.is(0.1) ? chance.pick(TYPES) : type.replace('*/*', 'text/plain')]);
  const body = sample(type, example, project);
  if (chance.is(0.02))
    return chance.is(0.5) ? Buffer.alloc(chance.below(300_000), 'x') : Buffer.from('['.repeat(chance.below(20_000)));
  return chance.is(0.4) ? chance.damaged(body, BODY_TOKENS) : body;
}

function sample(type: string, example: unknown, project: string): Buffer {
  if (type === 'application/x-www-form-urlencoded')
    return Buffer.from(new URLSearchParams(example as Record<string, string>).toString());
  if (!/json$/.test(type) && typeof example === 'string') return Buffer.from(example);
  const named =
    typeof example === 'object' && example !== null && 'id' in example ? { ...example, id: project } : example;
  return Buffer.from(JSON.stringify(named));
}

/** Without characters that would end the request line. */
function text(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^\x21-\xff]|\x7f|#/g, '');
}

function written(
  chance: Chance,
  method: string,
  target: string,
  headers: readonly [string, string][],
  body: Buffer,
): Buffer {
  const chunked = body.length > 0 && chance.is(0.2);
  const framing = chunked
    ? ['Transfer-Encoding: chunked']
    : body.length > 0 || chance.is(0.1)
      ? [`Content-Length: ${body.length}`]
      : [];
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), ...framing];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, ...(chunked ? chunksOf(chance, body) : [body])]);
}

function chunksOf(chance: Chance, body: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + chance.below(body.length));
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), body.subarray(at, at + size), Buffer.from('\r\n'));
    at += size;
  }
  return [...parts, Buffer.from('0\r\n\r\n')];
}
