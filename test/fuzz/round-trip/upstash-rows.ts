import { isText, type KeptEntry, only, type Reader, type Writer, withDefaultType } from './kept-entry.js';
import { authorized, type ServerWorld } from './server-world.js';
import { each } from './store-readers.js';

/** Commands of Redis have values and their expiry; the content type is the one that the bytes suggest. */
const valueAndExpiry = ({ meta: _, ...entry }: KeptEntry): KeptEntry => withDefaultType(entry);

export const upstashWriters: readonly Writer<ServerWorld>[] = [
  {
    name: 'SET in the body, to Upstash',
    routes: ['runUpstash'],
    keeps: only(isText)(valueAndExpiry),
    write: (world, entry) => run(world, '', JSON.stringify(setOf(entry))),
  },
  {
    name: 'SET in a pipeline, to Upstash',
    routes: ['pipelineUpstash'],
    keeps: only(isText)(valueAndExpiry),
    write: (world, entry) => run(world, '/pipeline', JSON.stringify([['DEL', entry.key], setOf(entry)])),
  },
  {
    name: 'SET in a transaction, to Upstash',
    routes: ['transactUpstash'],
    keeps: only(isText)(valueAndExpiry),
    write: (world, entry) => run(world, '/multi-exec', JSON.stringify([['DEL', entry.key], setOf(entry)])),
  },
  {
    name: 'SET in the path with the value as the body, to Upstash',
    routes: ['runUpstashByPost'],
    keeps: only(({ value }) => value.length > 0)(valueAndExpiry),
    write: (world, { key, value, expiresAt }) => {
      const options = expiresAt === undefined ? '' : `?PXAT=${expiresAt}`;
      return run(world, `/SET/${encodeURIComponent(key)}${options}`, value);
    },
  },
];

export const upstashReaders: readonly Reader<ServerWorld>[] = [
  reader('runUpstash', (key) => ['', JSON.stringify(['GET', key])]),
  reader('pipelineUpstash', (key) => ['/pipeline', JSON.stringify([['GET', key]])]),
  reader('transactUpstash', (key) => ['/multi-exec', JSON.stringify([['GET', key]])]),
  reader('runUpstashByGet', (key) => [`/GET/${encodeURIComponent(key)}`, undefined]),
  reader('runUpstashByPost', (key) => ['/GET', Buffer.from(key)]),
];

/** A row for GET, whose reply is in base64. */
function reader(
  id: string,
  request: (key: string) => readonly [string, string | Buffer | undefined],
): Reader<ServerWorld> {
  return {
    name: `GET to Upstash by ${id}`,
    routes: [id],
    shows: ['value'],
    most: 5,
    read: (world, keys) =>
      each(keys, async (key) => {
        const reply = await run(world, ...request(key));
        const [{ result }] = Array.isArray(reply) ? reply : [reply];
        return { value: [Buffer.from(result, 'base64')] };
      }),
  };
}

function setOf({ key, value, expiresAt }: KeptEntry): readonly string[] {
  return ['SET', key, value.toString(), ...(expiresAt === undefined ? [] : ['PXAT', String(expiresAt)])];
}

/** Sends it by POST, or by GET if nothing is the body. */
// biome-ignore lint/suspicious/noExplicitAny: replies of every shape
async function run(world: ServerWorld, path: string, body: string | Buffer | undefined): Promise<any> {
  const method = body === undefined ? 'GET' : 'POST';
  const headers = { 'upstash-encoding': 'base64' };
  const more = body === undefined ? {} : { body };
  return (await authorized(world, method, `/upstash/${world.project.id}${path}`, { headers, ...more })).json;
}
