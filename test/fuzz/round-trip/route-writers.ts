import {
  everything,
  isHeaderType,
  isJson,
  isMergeable,
  isText,
  type KeptEntry,
  only,
  valueAndType,
  type Writer,
  withDefaultType,
} from './kept-entry.js';
import { asciiOf, itemOf, pathOf, queryOf, type ServerWorld, secondsOf, succeed, transact } from './server-world.js';

const PATCH = { 'content-type': 'application/merge-patch+json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** The rows that are a PUT or a POST of the bytes. */
const puts: readonly Writer<ServerWorld>[] = (
  [
    ['PUT values/K', 'putValue', 'PUT', pathOf],
    ['POST values/K', 'postValue', 'POST', pathOf],
    ['PUT values?key=K', 'putValueByQuery', 'PUT', queryOf],
    ['POST values?key=K', 'postValueByQuery', 'POST', queryOf],
    ['PUT store/K', 'putItem', 'PUT', itemOf],
    ['POST store/K', 'postItem', 'POST', itemOf],
  ] as const
).map(([name, id, method, path]) => ({
  name,
  routes: [id],
  keeps: only(isHeaderType, ({ value }) => value.length > 0 || path !== itemOf)(everything),
  write: (world, entry) => sendBytes(world, method, path(entry.key), entry),
}));

/** The ways of the API that write one entry. */
export const routeWriters: readonly Writer<ServerWorld>[] = [
  ...puts,
  {
    name: 'PUT without a content type',
    routes: ['putValue'],
    keeps: withDefaultType,
    write: (world, entry) => sendBytes(world, 'PUT', pathOf(entry.key), entry, {}),
  },
  {
    name: 'PUT with the content type of forms',
    routes: ['putValueByQuery'],
    keeps: withDefaultType,
    write: (world, entry) => sendBytes(world, 'PUT', queryOf(entry.key), entry, FORM),
  },
  {
    name: 'PUT that keeps expiry and metadata',
    routes: ['putValue', 'putItem'],
    keeps: only(isHeaderType)(everything),
    write: async (world, entry) => {
      await sendBytes(world, 'PUT', pathOf(entry.key), { ...entry, value: Buffer.from('{"before":1}') });
      const { key, value, contentType } = entry;
      const path = `${queryOf(key)}&keep_ttl=true&keep_meta=true`;
      return succeed(world, 'PUT', path, { headers: { 'content-type': contentType }, body: value });
    },
  },
  {
    name: 'PATCH that changes nothing',
    routes: ['patchItem', 'patchValue', 'patchValueByQuery'],
    keeps: only(isHeaderType, isMergeable)(everything),
    write: async (world, entry) => {
      const { key } = entry;
      await sendBytes(world, 'PUT', pathOf(key), entry);
      for (const path of [itemOf(key), pathOf(key), queryOf(key)]) {
        await succeed(world, 'PATCH', path, { headers: PATCH, body: '{}' });
      }
    },
  },
  {
    name: 'increment of nothing',
    routes: ['incrementItem'],
    keeps: only(isInteger)(({ meta: _, ...entry }) => ({ ...entry, contentType: 'application/json' })),
    write: async (world, entry) => {
      const { key, value } = entry;
      await succeed(world, 'DELETE', queryOf(key)).catch(() => undefined);
      const [expires, headers] = [secondsOf(entry), { 'content-type': 'application/json' }];
      const body = `{"by":${value}${expires === undefined ? '' : `,"expires_at":${expires}`}}`;
      return succeed(world, 'POST', `${itemOf(key)}/increment`, { headers, body });
    },
  },
  {
    name: 'PUT of a part, and append of the rest',
    routes: ['putValue', 'appendToItem'],
    keeps: only(isHeaderType)(everything),
    write: async (world, entry) => {
      const half = entry.value.length >> 1;
      await sendBytes(world, 'PUT', pathOf(entry.key), { ...entry, value: entry.value.subarray(0, half) });
      return succeed(world, 'POST', `${itemOf(entry.key)}/append`, { body: entry.value.subarray(half) });
    },
  },
  {
    name: 'append to nothing',
    routes: ['appendToItem'],
    keeps: only(isHeaderType)(valueAndType),
    write: async (world, { key, value, contentType }) => {
      await succeed(world, 'DELETE', queryOf(key)).catch(() => undefined);
      const headers = { 'content-type': contentType };
      return succeed(world, 'POST', `${itemOf(key)}/append`, { headers, body: value });
    },
  },
  {
    name: 'PUT, and touch that removes the expiry',
    routes: ['putItem', 'touchItem'],
    keeps: only(isHeaderType)(({ expiresAt: _, ...entry }) => entry),
    write: async (world, entry) => {
      await sendBytes(world, 'PUT', pathOf(entry.key), entry);
      const headers = { 'content-type': 'application/json' };
      return succeed(world, 'POST', `${itemOf(entry.key)}/touch`, { headers, body: '{"ttl":null}' });
    },
  },
  {
    name: 'a field of a form',
    routes: ['storeForm'],
    keeps: only(
      isText,
      ({ key }) => key !== 'auth',
    )(({ key, value }) => ({
      key,
      value,
      contentType: 'text/plain; charset=utf-8',
    })),
    write: (world, { key, value }) =>
      succeed(world, 'POST', 'store', {
        headers: FORM,
        body: new URLSearchParams([[key, value.toString()]]).toString(),
      }),
  },
  ...transactionWriters(),
];

function transactionWriters(): readonly Writer<ServerWorld>[] {
  const isMember = ({ contentType }: KeptEntry) => /^[ -~]+$/.test(contentType);
  const forms = {
    json: [isJson, ({ value }: KeptEntry) => value.toString(), 'application/json'],
    text: [isText, ({ value }: KeptEntry) => JSON.stringify(value.toString()), 'text/plain; charset=utf-8'],
    base64: [() => true, ({ value }: KeptEntry) => `"${value.toString('base64')}"`, undefined],
  } as const;
  const write = (world: ServerWorld, entry: KeptEntry, name: keyof typeof forms, type: string, more = '') => {
    const key = JSON.stringify(entry.key);
    const expires = entry.expiresAt === undefined ? '' : `,"expires_at":${secondsOf(entry)}`;
    const meta = entry.meta === undefined ? '' : `,"meta":${entry.meta}`;
    const put = `{"put":{"key":${key},"${name}":${forms[name][1](entry)}${type}${expires}${meta}}}`;
    const before = more === '' ? [] : [`{"put":{"key":${key},"text":"before","meta":{"before":1}}}`];
    return transact(world, [...before, put], more);
  };
  const names = Object.keys(forms) as (keyof typeof forms)[];
  return [
    ...names.map((name) => ({
      name: `a transaction that puts ${name}`,
      routes: ['runTransaction'],
      keeps: only(isMember, forms[name][0])(everything),
      write: (world: ServerWorld, entry: KeptEntry) =>
        write(world, entry, name, `,"content_type":${JSON.stringify(entry.contentType)}`),
    })),
    ...names.map((name) => ({
      name: `a sequential transaction that puts ${name} without a type`,
      routes: ['runTransaction'],
      keeps: only(forms[name][0])((entry) => ({
        ...entry,
        contentType: forms[name][2] ?? withDefaultType(entry).contentType,
      })),
      write: (world: ServerWorld, entry: KeptEntry) => write(world, entry, name, '', ',"sequential":true'),
    })),
    {
      name: 'a transaction that appends base64, and touches',
      routes: ['runTransaction'],
      keeps: ({ key, value }) => ({
        key,
        value,
        contentType: withDefaultType({ key, value, contentType: '' }).contentType,
      }),
      write: (world, entry) => {
        const key = JSON.stringify(entry.key);
        const append = `{"append":{"key":${key},"base64":"${entry.value.toString('base64')}"}}`;
        const touch = `{"touch":{"key":${key},"ttl":null}}`;
        return transact(world, [`{"delete":{"key":${key}}}`, append, touch], ',"sequential":true');
      },
    },
  ];
}

/** Sends the value with all that headers and parameters can say of it. */
export function sendBytes(
  world: ServerWorld,
  method: string,
  path: string,
  entry: KeptEntry,
  type: Record<string, string> = { 'content-type': entry.contentType },
): Promise<unknown> {
  const expires = secondsOf(entry);
  const target = expires === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}expires_at=${expires}`;
  const headers = { ...type, ...(entry.meta === undefined ? {} : { 'kv-meta': asciiOf(entry.meta) }) };
  return succeed(world, method, target, { headers, body: entry.value });
}

function isInteger({ value }: KeptEntry): boolean {
  return /^(0|-?[1-9]\d*)$/.test(value.toString('latin1'));
}
