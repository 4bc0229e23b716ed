import { isJsonType } from '../../../src/domain/value.js';
import type { ReadAs, Stored, StoredHead } from '../../../src/interfaces/key-value-store/values.js';
import {
  ALL,
  isJavaScript,
  isJson,
  isText,
  type KeptEntry,
  type Reader,
  type ShownEntries,
  type ShownEntry,
} from './kept-entry.js';
import type { StoreWorld } from './store-world.js';
import { isMeta } from './store-writers.js';

const HEAD = ['contentType', 'expiresAt', 'meta'] as const;

/** The rows of the interface that the client and the library have, and of the adapters on it. */
export const storeReaders: readonly Reader<StoreWorld>[] = [
  ...(['bytes', 'text', 'json', 'auto'] as const).flatMap(readersAs),
  {
    name: 'store.head',
    routes: [],
    shows: HEAD,
    takes: isMeta,
    read: ({ store }, keys) => each(keys, async (key) => shownHead((await store.head(key)) as StoredHead)),
  },
  {
    name: 'store.heads',
    routes: [],
    shows: HEAD,
    takes: isMeta,
    read: async ({ store }) => {
      const shown = new Map<string, ShownEntry>();
      for await (const head of store.heads()) shown.set(head.key, shownHead(head));
      return shown;
    },
  },
  {
    name: 'head in a transaction of the store',
    routes: [],
    shows: HEAD,
    takes: isMeta,
    read: async ({ store }, keys) => {
      const heads = await store.transaction(keys.map((key) => ({ head: { key } })));
      return new Map(heads.map((head, i) => [keys[i] as string, shownHead(head as StoredHead)]));
    },
  },
  {
    name: 'keyv.get',
    routes: [],
    shows: ['value'],
    takes: isAuto,
    read: ({ keyv }, keys) => each(keys, async (key) => ({ value: bytesOf(await keyv.get(key)) })),
  },
  {
    name: 'keyv.getMany',
    routes: [],
    shows: ['value'],
    takes: isAuto,
    read: async ({ keyv }, keys) => {
      const found = await keyv.getMany([...keys]);
      return new Map(keys.map((key, i) => [key, { value: bytesOf(found[i]) }]));
    },
  },
  {
    name: 'unstorage.getItemRaw',
    routes: [],
    shows: ['value'],
    takes: isAuto,
    read: ({ unstorage }, keys) => each(keys, async (key) => ({ value: bytesOf(await unstorage.getItemRaw(key)) })),
  },
  {
    name: 'unstorage.getItems',
    routes: [],
    shows: ['value'],
    takes: isAuto,
    read: async ({ unstorage }, keys) => {
      const found = await unstorage.getItems(keys.map((key) => ({ key })));
      return new Map(found.map(({ key, value }) => [key, { value: bytesOf(value) }]));
    },
  },
  {
    name: 'sessions.get',
    routes: [],
    shows: ['value'],
    takes: isAuto,
    read: ({ sessions }, keys) =>
      each(keys, async (key) => {
        const session = await new Promise((resolve) => sessions.get(key, (_, found) => resolve(found)));
        return { value: bytesOf(session) };
      }),
  },
  {
    name: 'the entry before a put of the store',
    routes: [],
    shows: ALL,
    takes: (entry) => isMeta(entry) && isAuto(entry),
    destroys: true,
    read: async ({ store }, keys) =>
      shownOlds(keys, await Promise.all(keys.map((key) => store.put(key, 'after', { return: 'old' })))),
  },
  {
    name: 'the entry before a delete of the store',
    routes: [],
    shows: ALL,
    takes: (entry) => isMeta(entry) && isAuto(entry),
    destroys: true,
    read: async ({ store }, keys) =>
      shownOlds(keys, await Promise.all(keys.map((key) => store.delete(key, { return: 'old' })))),
  },
  {
    name: 'the entry before a put in a transaction of the store',
    routes: [],
    shows: ALL,
    takes: (entry) => isMeta(entry) && isAuto(entry),
    destroys: true,
    read: async ({ store }, keys) => {
      const operations = keys.map((key) => ({ put: { key, value: 'after', return: 'old' as const } }));
      return shownOlds(keys, await store.transaction(operations));
    },
  },
  {
    name: 'the entry before a delete in a transaction of the store',
    routes: [],
    shows: ALL,
    takes: (entry) => isMeta(entry) && isAuto(entry),
    destroys: true,
    read: async ({ store }, keys) => {
      const operations = keys.map((key) => ({ delete: { key, return: 'old' as const } }));
      return shownOlds(keys, await store.transaction(operations));
    },
  },
];

function readersAs(as: ReadAs): readonly Reader<StoreWorld>[] {
  const forms = { bytes: () => true, text: isText, json: isJavaScript, auto: isAuto };
  const common = { routes: [], shows: ALL, takes: (entry: KeptEntry) => isMeta(entry) && forms[as](entry) };
  return [
    {
      ...common,
      name: `store.get as ${as}`,
      read: ({ store }, keys) =>
        each(keys, async (key) => shownEntry((await store.get(key, { as })) as Stored<unknown>, as)),
    },
    {
      ...common,
      name: `store.getMany as ${as}`,
      read: async ({ store }, keys) =>
        new Map(
          (await store.getMany(keys, { as })).map((entry, i) => [
            keys[i] as string,
            shownEntry(entry as Stored<unknown>, as),
          ]),
        ),
    },
    {
      ...common,
      name: `get in a transaction of the store as ${as}`,
      read: async ({ store }, keys) => {
        const found = await store.transaction(keys.map((key) => ({ get: { key, as } })));
        return new Map(found.map((entry, i) => [keys[i] as string, shownEntry(entry as Stored<unknown>, as)]));
      },
    },
    ...(as === 'text' || as === 'json'
      ? []
      : [
          {
            ...common,
            name: `store.list as ${as}`,
            read: async ({ store }: StoreWorld) => {
              const shown = new Map<string, ShownEntry>();
              for await (const entry of store.list({ as })) shown.set(entry.key, shownEntry(entry, as));
              return shown;
            },
          },
        ]),
  ];
}

/** Reads each key alone. */
export async function each(keys: readonly string[], read: (key: string) => Promise<ShownEntry>): Promise<ShownEntries> {
  return new Map(await Promise.all(keys.map(async (key): Promise<[string, ShownEntry]> => [key, await read(key)])));
}

function shownOlds(keys: readonly string[], results: readonly { readonly old?: Stored<unknown> | undefined }[]) {
  return new Map(results.map(({ old }, i) => [keys[i] as string, shownEntry(old as Stored<unknown>, 'auto')]));
}

function shownEntry(entry: Stored<unknown>, as: ReadAs): ShownEntry {
  return { ...shownHead(entry), value: bytesOf(entry.value, as) };
}

function shownHead({ contentType, expiresAt, meta }: StoredHead): ShownEntry {
  return { contentType, expiresAt: expiresAt?.getTime(), meta: meta && JSON.stringify(meta) };
}

/** The bytes that this stands for: a string is a text, or JSON. */
function bytesOf(value: unknown, as?: ReadAs): readonly Buffer[] {
  if (value instanceof Uint8Array) return [Buffer.from(value)];
  const json = Buffer.from(JSON.stringify(value) ?? '');
  if (typeof value !== 'string' || as === 'json') return [json];
  return as === 'text' ? [Buffer.from(value)] : [Buffer.from(value), json];
}

/** Whether `auto` shows all of it: JSON is parsed. */
function isAuto(entry: KeptEntry): boolean {
  const parses = isJsonType(entry.contentType) || /[/+]json\b/.test(entry.contentType);
  return !parses || !isText(entry) || isJavaScript(entry) || !isParsed(entry);
}

function isParsed(entry: KeptEntry): boolean {
  try {
    JSON.parse(entry.value.toString());
    return true;
  } catch {
    return isJson(entry);
  }
}
