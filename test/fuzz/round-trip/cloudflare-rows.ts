import { entryMeta } from '../../../src/domain/json/entry-meta.js';
import type { HttpResponse, RequestOptions } from '../../harness/http-client.js';
import { isText, type KeptEntry, type Reader, type Writer, withDefaultType } from './kept-entry.js';
import { authorized, type ServerWorld } from './server-world.js';
import { elementsOf, membersOf, textAt } from './shown-json.js';
import { each } from './store-readers.js';

/** In no value: it is longer than those that are generated, or not in the alphabet of their metadata. */
const BOUNDARY = 'boundary-of-the-parts-of-a-form-7d1f0c';

const withoutExpiry = ({ expiresAt: _, ...entry }: KeptEntry): KeptEntry => withDefaultType(entry);

export const cloudflareWriters: readonly Writer<ServerWorld>[] = [
  {
    name: 'PUT values/K of Cloudflare',
    routes: ['putCloudflareValue'],
    keeps: ({ meta: _, ...entry }) => withoutExpiry(entry),
    write: (world, { key, value }) => ask(world, 'PUT', `values/${encodeURIComponent(key)}`, { body: value }),
  },
  {
    name: 'PUT values/K of Cloudflare with a form',
    routes: ['putCloudflareValue'],
    keeps: withoutExpiry,
    write: (world, { key, value, meta }) => {
      const part = (name: string) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`;
      const metadata = meta === undefined ? '' : `\r\n${part('metadata')}${meta}`;
      const body = Buffer.concat([
        Buffer.from(part('value')),
        value,
        Buffer.from(`${metadata}\r\n--${BOUNDARY}--\r\n`),
      ]);
      const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
      return ask(world, 'PUT', `values/${encodeURIComponent(key)}`, { headers, body });
    },
  },
  {
    name: 'PUT bulk of Cloudflare',
    routes: ['putCloudflareBulk'],
    keeps: withoutExpiry,
    write: (world, { key, value, meta }) => {
      const metadata = meta === undefined ? '' : `,"metadata":${meta}`;
      const members = `"key":${JSON.stringify(key)},"value":"${value.toString('base64')}","base64":true${metadata}`;
      return ask(world, 'PUT', 'bulk', { body: `[{${members}}]` });
    },
  },
];

export const cloudflareReaders: readonly Reader<ServerWorld>[] = [
  {
    name: 'GET values/K of Cloudflare',
    routes: ['getCloudflareValue'],
    shows: ['value'],
    most: 5,
    read: (world, keys) =>
      each(keys, async (key) => ({
        value: [(await ask(world, 'GET', `values/${encodeURIComponent(key)}`)).bytes],
      })),
  },
  {
    name: 'GET metadata/K of Cloudflare',
    routes: ['getCloudflareMetadata'],
    shows: ['meta'],
    most: 5,
    read: (world, keys) =>
      each(keys, async (key) => {
        const { text } = await ask(world, 'GET', `metadata/${encodeURIComponent(key)}`);
        return { meta: metaOf(textAt(text, 'result')) };
      }),
  },
  {
    name: 'POST bulk/get of Cloudflare',
    routes: ['postCloudflareBulkGet'],
    shows: ['value'],
    takes: isText,
    read: async (world, keys) => {
      const { json } = await ask(world, 'POST', 'bulk/get', { body: JSON.stringify({ keys }) });
      return new Map(keys.map((key) => [key, { value: [Buffer.from(json.result.values[key])] }]));
    },
  },
  {
    name: 'GET keys of Cloudflare',
    routes: ['listCloudflareKeys'],
    shows: ['meta'],
    read: async (world) => {
      const { text } = await ask(world, 'GET', 'keys');
      const shown = elementsOf(textAt(text, 'result') as string).map((element) => membersOf(element));
      return new Map(
        shown.map((members) => [JSON.parse(members.get('name') ?? ''), { meta: metaOf(members.get('metadata')) }]),
      );
    },
  },
];

function metaOf(json: string | undefined): string | undefined {
  return json === undefined || json === 'null' ? undefined : entryMeta(json, 'metadata');
}

function ask(world: ServerWorld, method: string, path: string, options: RequestOptions = {}): Promise<HttpResponse> {
  const namespace = `/client/v4/accounts/any/storage/kv/namespaces/${world.project.id}`;
  return authorized(world, method, `${namespace}/${path}`, options);
}
