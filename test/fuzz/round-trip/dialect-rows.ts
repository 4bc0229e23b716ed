import { type HttpResponse, type RequestOptions, send } from '../../harness/http-client.js';
import {
  isHeaderType,
  type KeptEntry,
  only,
  type Reader,
  valueAndType,
  type Writer,
  withDefaultType,
} from './kept-entry.js';
import type { ServerWorld } from './server-world.js';
import { each } from './store-readers.js';

/** The projects of the table must name these. */
export const DIALECTS = ['unstorage'];

/** Unstorage sends these with every text, so that they say nothing. */
const UNSPECIFIC = /^(?:application\/json|text\/plain)\s*(?:;|$)/i;

export const dialectWriters: readonly Writer<ServerWorld>[] = [
  {
    name: 'PUT /unstorage/…/K',
    routes: ['writeUnstorage'],
    keeps: only(
      isItem,
      isHeaderType,
    )((entry) => valueAndType(UNSPECIFIC.test(entry.contentType) ? withDefaultType(entry) : entry)),
    write: (world, { key, value, contentType }) =>
      toUnstorage(world, 'PUT', key, { body: value, headers: { 'content-type': contentType } }),
  },
];

export const dialectReaders: readonly Reader<ServerWorld>[] = ['*/*', 'application/octet-stream'].map((accept) => ({
  name: `GET /unstorage/…/K as ${accept}`,
  routes: ['readUnstorage'],
  shows: ['value'],
  takes: isItem,
  read: (world, keys) =>
    each(keys, async (key) => ({ value: [(await toUnstorage(world, 'GET', key, { headers: { accept } })).bytes] })),
}));

/** Whether unstorage names an item so: its parts are separated by one colon. */
function isItem({ key }: KeptEntry): boolean {
  return !/[/\\]|::|^:|:$/.test(key);
}

async function toUnstorage(
  { project: { server, id, key: apiKey } }: ServerWorld,
  method: string,
  key: string,
  { headers, ...more }: RequestOptions,
): Promise<HttpResponse> {
  const authorized = { ...headers, authorization: `Bearer ${apiKey}` };
  const path = `/unstorage/${id}/${encodeURIComponent(key)}`;
  const response = await send(server.address, method, path, { ...more, headers: authorized });
  if (response.status === 200) return response;
  throw new Error(`${method} ${path}: ${response.status} ${response.text}`);
}
