import type { HttpResponse, RequestOptions } from '../../harness/http-client.js';
import {
  isHeaderType,
  type KeptEntry,
  only,
  type Reader,
  valueAndType,
  type Writer,
  withDefaultType,
} from './kept-entry.js';
import { authorized, type ServerWorld } from './server-world.js';
import { each } from './store-readers.js';

/** Unstorage sends these with every text, so that they say nothing. */
const UNSPECIFIC = /^(?:application\/json|text\/plain)\s*(?:;|$)/i;

export const unstorageWriters: readonly Writer<ServerWorld>[] = [
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

export const unstorageReaders: readonly Reader<ServerWorld>[] = ['*/*', 'application/octet-stream'].map((accept) => ({
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

function toUnstorage(world: ServerWorld, method: string, key: string, options: RequestOptions): Promise<HttpResponse> {
  return authorized(world, method, `/unstorage/${world.project.id}/${encodeURIComponent(key)}`, options);
}
