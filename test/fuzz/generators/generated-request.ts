import type { Documented, DocumentedRoutes } from '../../api/documented/documented-routes.js';
import type { RandomSource } from './random-source.js';

/** A request with correct framing, whatever else is wrong with it. */
export interface GeneratedRequest {
  readonly method: string;
  readonly target: string;
  readonly bytes: Buffer;
}

/** What requests are made of. */
export interface RequestPool {
  readonly routes: DocumentedRoutes;
  readonly projects: readonly string[];
  /** One for each project, at the same position. */
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

/** Makes a request from the examples of the document, mostly with one or two mistakes. */
export function generatedRequest(random: RandomSource, pool: RequestPool): GeneratedRequest {
  const route = pickRoute(random, pool.routes);
  const wrong = () => random.is(0.12);
  const method = wrong() ? random.pick(METHODS) : route.method;
  const entries = isEntryRoute(route);
  // Requests that would change the projects under test, so that nothing else could be tried on them, go to others.
  const changes = !entries && !['GET', 'HEAD', 'OPTIONS'].includes(method);
  const at = random.below(pool.projects.length);
  const project = changes ? `fuzz-x${random.below(4)}` : (pool.projects[at] as string);
  let target = pathOf(random, route, project);
  const query = queryOf(random, route);
  if (query !== '') target += `?${query}`;
  if (wrong()) target = `/${text(random.damaged(Buffer.from(target), TEXT_TOKENS))}`;
  const headers: [string, string][] = [['Host', 'localhost']];
  if (!wrong()) headers.push(keyHeader(random, keyFor(random, pool, entries ? at : undefined)));
  for (let left = random.below(3); left > 0; left--) headers.push(headerOf(random));
  const body = method === 'TRACE' ? Buffer.alloc(0) : bodyOf(random, route, headers, project);
  return { method, target, bytes: written(random, method, target, headers, body) };
}

/** Mostly the key of the project at that position, or the system key. */
function keyFor(random: RandomSource, { keys, systemKey }: RequestPool, at: number | undefined): string {
  const right = at === undefined ? systemKey : (keys[at] as string);
  if (random.is(0.85)) return right;
  return random.is(0.3) ? random.pick(keys) : text(random.damaged(Buffer.from(right), ['pkv_', '_', 'a']));
}

function keyHeader(random: RandomSource, key: string): [string, string] {
  const name = random.pick(['Authorization', 'X-API-Key', 'Api-Key']);
  return [name, name === 'Authorization' ? `Bearer ${key}` : key];
}

function isEntryRoute({ path }: Documented): boolean {
  return /\/(store|values|transactions|latest)/.test(path);
}

/** Prefers routes of entries to others, which would only change settings and hash secrets. */
function pickRoute(random: RandomSource, routes: DocumentedRoutes): Documented {
  for (;;) {
    const route = random.pick(routes.all);
    if (isEntryRoute(route) ? route.method !== 'OPTIONS' || random.is(0.2) : random.is(0.04)) return route;
  }
}

function pathOf(random: RandomSource, { path, parameters }: Documented, project: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'project') return project;
    if (name === 'key') return keyOf(random);
    return encodeURIComponent(String(parameters.find((one) => one.name === name)?.example ?? random.below(10)));
  });
}

function keyOf(random: RandomSource): string {
  if (random.is(0.7)) return `key${random.below(50)}`;
  if (random.is(0.5))
    return encodeURIComponent(
      random.pick([
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
  return text(random.bytes(1 + random.below(20)));
}

function queryOf(random: RandomSource, { parameters, path }: Documented): string {
  const pairs = parameters
    .filter(({ in: place, required, name }) => place === 'query' && (required || name === 'wait' || random.is(0.25)))
    .map(({ name, example, schema }) => {
      if (name === 'wait') return `wait=${random.pick(['0', '0.01', '-1', 'x', ''])}`;
      const value = String(example ?? schema.examples?.[0] ?? schema.items?.examples?.[0] ?? '');
      const damaged = random.is(0.3) ? text(random.damaged(Buffer.from(value), TEXT_TOKENS)) : undefined;
      return `${name}=${damaged ?? encodeURIComponent(value)}`;
    });
  if (path.endsWith('/changes') && !pairs.some((pair) => pair.startsWith('wait='))) pairs.push('wait=0');
  if (random.is(0.05))
    pairs.push(random.pick(['x=1', '__proto__=1', 'ttl=5', 'ttl=5&ttl=6', 'limit=0', 'cursor=AAAA', '%', '=']));
  return pairs.join('&');
}

function headerOf(random: RandomSource): [string, string] {
  const name = random.pick(Object.keys(HEADERS));
  const value = random.pick(HEADERS[name] as readonly string[]);
  if (random.is(0.8) || name === 'Connection' || name === 'Expect') return [name, value];
  return [
    name,
    random
      .damaged(Buffer.from(value), ['"', ',', '*', ';', ' '])
      .toString('latin1')
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''),
  ];
}

function bodyOf(
  random: RandomSource,
  { operation, method }: Documented,
  headers: [string, string][],
  project: string,
): Buffer {
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0 || method === 'HEAD' || method === 'OPTIONS')
    return random.is(0.05) ? random.bytes(random.below(50)) : Buffer.alloc(0);
  const [type, { example }] = random.pick(content);
  headers.push(['Content-Type', random.is(0.1) ? random.pick(TYPES) : type.replace('*/*', 'text/plain')]);
  const body = sample(type, example, project);
  if (random.is(0.02))
    return random.is(0.5) ? Buffer.alloc(random.below(300_000), 'x') : Buffer.from('['.repeat(random.below(20_000)));
  return random.is(0.4) ? random.damaged(body, BODY_TOKENS) : body;
}

function sample(type: string, example: unknown, project: string): Buffer {
  if (type === 'application/x-www-form-urlencoded')
    return Buffer.from(new URLSearchParams(example as Record<string, string>).toString());
  if (!/json$/.test(type) && typeof example === 'string') return Buffer.from(example);
  const named =
    typeof example === 'object' && example !== null && 'id' in example ? { ...example, id: project } : example;
  return Buffer.from(JSON.stringify(named));
}

/** The text without characters that would end the request line. */
function text(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^\x21-\xff]|\x7f|#/g, '');
}

function written(
  random: RandomSource,
  method: string,
  target: string,
  headers: readonly [string, string][],
  body: Buffer,
): Buffer {
  const chunked = body.length > 0 && random.is(0.2);
  const framing = chunked
    ? ['Transfer-Encoding: chunked']
    : body.length > 0 || random.is(0.1)
      ? [`Content-Length: ${body.length}`]
      : [];
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), ...framing];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, ...(chunked ? chunksOf(random, body) : [body])]);
}

function chunksOf(random: RandomSource, body: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + random.below(body.length));
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), body.subarray(at, at + size), Buffer.from('\r\n'));
    at += size;
  }
  return [...parts, Buffer.from('0\r\n\r\n')];
}
