import { gunzipSync } from 'node:zlib';
import { entryMeta } from '../../../src/domain/json/entry-meta.js';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import type { HttpResponse } from '../../harness/http-client.js';
import { ALL, type KeptEntry, type Reader, type ShownEntries, type ShownEntry } from './kept-entry.js';
import { itemOf, pathOf, queryOf, type ServerWorld, succeed, transact } from './server-world.js';
import { elementsOf, keyedItem, membersOf, shownItem, textAt } from './shown-json.js';
import { each } from './store-readers.js';

const VIEWS = ['', 'auto', 'json', 'text', 'base64'] as const;
const HEAD = ['contentType', 'expiresAt', 'meta'] as const;
const parameter = (view: string) => (view === '' ? '' : `&as=${view}`);
const named = (view: string) => (view === '' ? '' : ` as ${view}`);

/** The ways of the API that read entries, one or many. */
export const routeReaders: readonly Reader<ServerWorld>[] = [
  raw('GET values/K', 'getValue', (world, key) => succeed(world, 'GET', pathOf(key))),
  raw('GET values?key=K', 'getValueByQuery', (world, key) => succeed(world, 'GET', queryOf(key))),
  raw('GET store/K/value', 'getItemValue', (world, key) => succeed(world, 'GET', `${itemOf(key)}/value`)),
  ...(
    [
      ['values/K', 'getValue', pathOf],
      ['values?key=K', 'getValueByQuery', queryOf],
      ['store/K/value', 'getItemValue', (key: string) => `${itemOf(key)}/value`],
    ] as const
  ).map(([name, id, path]) => ({ ...raw(`ranges of ${name}`, id, ranges(path)), takes: isInRanges })),
  {
    ...raw('HEAD values/K', 'getValue', (world, key) => succeed(world, 'HEAD', pathOf(key))),
    shows: HEAD,
  },
  ...VIEWS.flatMap(readersWith),
  {
    name: 'GET store',
    routes: ['listEntries'],
    shows: ALL,
    read: async (world) => shownByKey(textAt((await succeed(world, 'GET', 'store')).text, 'data') as string),
  },
  {
    name: 'GET store, compressed',
    routes: ['listEntries'],
    shows: ALL,
    read: async (world) => {
      const { bytes, headers } = await succeed(world, 'GET', 'store', { headers: { 'accept-encoding': 'gzip' } });
      const text = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes).toString() : bytes.toString();
      return shownByKey(textAt(text, 'data') as string);
    },
  },
  {
    name: 'GET store?items=meta',
    routes: ['listEntries'],
    shows: HEAD,
    read: async (world) => shownList((await succeed(world, 'GET', 'store?items=meta&limit=1000')).text, 'items'),
  },
  {
    name: 'GET store?items=array, page by page from the last',
    routes: ['listEntries'],
    shows: ALL,
    read: async (world) => {
      const shown = new Map<string, ShownEntry>();
      let query = 'items=array&reverse=true&limit=7';
      for (;;) {
        const { text, headers } = await succeed(world, 'GET', `store?${query}`);
        for (const [key, entry] of shownList(text, 'items')) shown.set(key, entry);
        const next = /\?([^>]*)/.exec(String(headers.link ?? ''))?.[1];
        if (next === undefined) return shown;
        query = next;
      }
    },
  },
  {
    name: 'GET export',
    routes: ['exportStore'],
    shows: ALL,
    read: async (world) => {
      const lines = (await succeed(world, 'GET', 'export')).text.split('\n').slice(1, -2);
      return new Map(lines.map((line) => [JSON.parse(line).key, exportedEntry(line)]));
    },
  },
  {
    name: 'head in a transaction',
    routes: ['runTransaction'],
    shows: HEAD,
    read: (world, keys) => results(world, keys, (key) => `{"head":{"key":${key}}}`),
  },
  ...(
    [
      ['PUT store/K?return=old', 'putItem', 'PUT', { body: 'after' }],
      ['POST store/K?return=old', 'postItem', 'POST', { body: 'after' }],
      ['DELETE store/K?return=old', 'deleteItem', 'DELETE', {}],
    ] as const
  ).map(
    ([name, id, method, options]): Reader<ServerWorld> => ({
      name,
      routes: [id],
      shows: ALL,
      destroys: true,
      read: (world, keys) =>
        each(keys, async (key) => {
          const { text } = await succeed(world, method, `${itemOf(key)}?return=old&as=text`, options);
          return shownItem(textAt(text, 'data') as string);
        }),
    }),
  ),
  ...['put', 'delete'].map(
    (kind): Reader<ServerWorld> => ({
      name: `${kind} in a transaction with "return": "old"`,
      routes: ['runTransaction'],
      shows: ALL,
      destroys: true,
      read: (world, keys) => {
        const more = kind === 'put' ? '"text":"after",' : '';
        return results(world, keys, (key) => `{"${kind}":{"key":${key},${more}"return":"old"}}`, 'old');
      },
    }),
  ),
];

/** What shows items, and takes a view. */
function readersWith(view: (typeof VIEWS)[number]): readonly Reader<ServerWorld>[] {
  const as = view === '' ? '' : `,"as":"${view}"`;
  return [
    {
      name: `GET store/K${named(view)}`,
      routes: ['getItem'],
      shows: ALL,
      read: (world, keys) =>
        each(keys, async (key) => {
          const path = `${itemOf(key)}${view === '' ? '' : `?as=${view}`}`;
          return shownItem(textAt((await succeed(world, 'GET', path)).text, 'data') as string);
        }),
    },
    {
      name: `GET store?items=object${named(view)}`,
      routes: ['listEntries'],
      shows: ALL,
      read: async (world) => {
        const { text } = await succeed(world, 'GET', `store?limit=1000${parameter(view)}`);
        return shownByKey(textAt(text, 'data', 'items') as string);
      },
    },
    {
      name: `GET store?items=array${named(view)}`,
      routes: ['listEntries'],
      shows: ALL,
      read: async (world) =>
        shownList((await succeed(world, 'GET', `store?items=array&limit=1000${parameter(view)}`)).text, 'items'),
    },
    {
      name: `GET latest${named(view)}`,
      routes: ['latestEntry'],
      shows: ALL,
      read: (world, keys) =>
        each(keys, async (key) => {
          const { text } = await succeed(world, 'GET', `latest?key=${encodeURIComponent(key)}${parameter(view)}`);
          const [found, shown] = keyedItem(textAt(text, 'data') as string);
          if (found !== key) throw new Error(`latest of ${key} is ${found}`);
          return shown;
        }),
    },
    {
      name: `GET changes?include=value${named(view)}`,
      routes: ['watchChanges'],
      shows: ALL,
      onlyWrites: true,
      read: async (world) => {
        const path = `changes?include=value&wait=0&since=${world.since}${parameter(view)}`;
        const changes = elementsOf(textAt((await succeed(world, 'GET', path)).text, 'data', 'changes') as string);
        return shownChanges(changes);
      },
    },
    {
      name: `the stream of changes with values${named(view)}`,
      routes: ['watchChanges'],
      shows: ALL,
      onlyWrites: true,
      read: async (world) => shownChanges(await streamed(world, parameter(view))),
    },
    {
      name: `get in a transaction${named(view)}`,
      routes: ['runTransaction'],
      shows: ALL,
      read: (world, keys) => results(world, keys, (key) => `{"get":{"key":${key}${as}}}`),
    },
  ];
}

/** A row for a response that is the bytes. */
function raw(
  name: string,
  id: string,
  read: (world: ServerWorld, key: string) => Promise<HttpResponse>,
): Reader<ServerWorld> {
  return {
    name,
    routes: [id],
    shows: ALL,
    read: (world, keys) => each(keys, async (key) => shownResponse(await read(world, key))),
  };
}

function shownResponse({ headers, bytes }: HttpResponse): ShownEntry {
  const [expires, meta] = [headers['kv-expires'], headers['kv-meta']];
  return {
    value: [bytes],
    // Beyond ASCII it is UTF-8, which node shows as Latin-1.
    contentType: Buffer.from(headers['content-type'] ?? '', 'latin1').toString(),
    expiresAt: expires === undefined ? undefined : Math.round(Number(expires) * 1000),
    // A header is ASCII, with escapes that are not stored.
    meta: meta === undefined ? undefined : entryMeta(String(meta), 'KV-Meta'),
  };
}

/** Nothing is in a range of no bytes. */
function isInRanges({ value }: KeptEntry): boolean {
  return value.length > 0;
}

/** Reads the value in three pieces. */
function ranges(pathOf: (key: string) => string): (world: ServerWorld, key: string) => Promise<HttpResponse> {
  return async (world, key) => {
    const part = (range: string) => succeed(world, 'GET', pathOf(key), { headers: { range: `bytes=${range}` } });
    const first = await part('0-0');
    const length = Number(/\/(\d+)$/.exec(String(first.headers['content-range']))?.[1]);
    const pieces = [first];
    const middle = 1 + ((length - 1) >> 1);
    if (middle > 1) pieces.push(await part(`1-${middle - 1}`));
    if (middle < length) pieces.push(await part(middle % 2 === 0 ? `${middle}-` : `-${length - middle}`));
    return { ...first, headers: first.headers, bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)) };
  };
}

async function results(
  world: ServerWorld,
  keys: readonly string[],
  operation: (key: string) => string,
  ...member: readonly string[]
): Promise<ShownEntries> {
  const { text } = await transact(
    world,
    keys.map((key) => operation(JSON.stringify(key))),
  );
  const found = elementsOf(textAt(text, 'data', 'results') as string);
  return new Map(found.map((result, i) => [keys[i] as string, shownItem(textAt(result, ...member) as string)]));
}

function shownByKey(object: string): ShownEntries {
  return new Map([...membersOf(object)].map(([key, item]) => [key, shownItem(item)]));
}

function shownList(text: string, member: string): ShownEntries {
  return new Map(elementsOf(textAt(text, 'data', member) as string).map(keyedItem));
}

/** The last change of each key. */
function shownChanges(changes: readonly string[]): ShownEntries {
  const last = new Map(changes.map((change) => [JSON.parse(textAt(change, 'key') as string), change]));
  const shown = new Map<string, ShownEntry>();
  for (const [key, change] of last) {
    const item = textAt(change, 'item');
    if (item !== undefined) shown.set(key, shownItem(item));
  }
  return shown;
}

/** The events up to the last change that there is now. */
async function streamed({ project, since }: ServerWorld, query: string): Promise<readonly string[]> {
  const now = (await project.send('GET', 'changes?wait=0')).json.data.since;
  const url = `${project.server.address}/api/v1/projects/${project.id}/changes?include=value&since=${since}${query}`;
  const reader = await EventStreamReader.open(url, project.key);
  const events: string[] = [];
  for (let id = since; id !== now; ) {
    const event = await reader.next();
    if (event === undefined) throw new Error('the stream ended');
    id = event.id;
    if (event.event === 'put') events.push(event.text);
  }
  reader.close();
  return events;
}

function exportedEntry(line: string): ShownEntry {
  const members = membersOf(line);
  const form = ['json', 'text', 'base64'].find((name) => members.has(name)) as string;
  const value = members.get(form) as string;
  const bytes =
    form === 'json' ? Buffer.from(value) : Buffer.from(JSON.parse(value), form === 'text' ? 'utf8' : 'base64');
  return { ...shownItem(line), value: [bytes] };
}
