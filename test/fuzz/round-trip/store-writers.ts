import type { PutEntry } from '../../../src/interfaces/key-value-store/values.js';
import {
  everything,
  isJavaScript,
  isJson,
  isMergeable,
  isText,
  type KeptEntry,
  only,
  valueAndType,
  type Writer,
  withDefaultType,
} from './kept-entry.js';
import type { StoreWorld } from './store-world.js';

/** The rows of the interface that the client and the library have, and of the adapters on it. */
export function storeWriters(isType: (entry: KeptEntry) => boolean): readonly Writer<StoreWorld>[] {
  const any = only(isType, isMeta);
  return [
    {
      name: 'store.put of bytes',
      routes: [],
      keeps: any(everything),
      write: ({ store }, entry) => store.put(entry.key, bytesOf(entry), { ...optionsOf(entry) }),
    },
    {
      name: 'store.put of a text',
      routes: [],
      keeps: only(isType, isMeta, isText)(everything),
      write: ({ store }, entry) => store.put(entry.key, `${entry.value}`, { as: 'text', ...optionsOf(entry) }),
    },
    {
      name: 'store.put of what JavaScript has for JSON',
      routes: [],
      keeps: only(isMeta, isJavaScript)((entry) => ({ ...entry, contentType: 'application/json' })),
      write: ({ store }, { contentType: _, ...entry }) =>
        store.put(entry.key, JSON.parse(`${entry.value}`), optionsOf(entry)),
    },
    {
      name: 'store.putMany',
      routes: [],
      keeps: any(everything),
      write: ({ store }, entry) => store.putMany([{ key: 'beside', value: 1 }, putOf(entry)]),
    },
    {
      name: 'a transaction of the store',
      routes: [],
      keeps: any(everything),
      write: ({ store }, entry) => store.transaction([{ put: putOf(entry) }]),
    },
    {
      name: 'store.append to what store.put began, then store.touch',
      routes: [],
      keeps: any(({ expiresAt: _, ...entry }) => entry),
      write: async ({ store }, entry) => {
        const bytes = bytesOf(entry);
        await store.put(entry.key, bytes.subarray(0, 1), optionsOf(entry));
        await store.append(entry.key, bytes.subarray(1));
        await store.touch(entry.key, null);
      },
    },
    {
      name: 'store.merge that changes nothing',
      routes: [],
      keeps: only(isType, isMeta, isMergeable)(everything),
      write: async ({ store }, entry) => {
        await store.put(entry.key, bytesOf(entry), optionsOf(entry));
        await store.merge(entry.key, {});
      },
    },
    ...adapterWriters,
  ];
}

/** Adapters take values of JavaScript, and keep neither a type nor metadata. */
const adapterWriters: readonly Writer<StoreWorld>[] = [
  {
    name: 'keyv.set',
    routes: [],
    keeps: only(isAdaptable)(adapted),
    write: ({ keyv }, entry) => keyv.set(entry.key, javaScriptOf(entry)),
  },
  {
    name: 'keyv.setMany',
    routes: [],
    keeps: only(isAdaptable)(adapted),
    write: ({ keyv }, entry) => keyv.setMany([{ key: entry.key, value: javaScriptOf(entry) }]),
  },
  {
    name: 'unstorage.setItemRaw',
    routes: [],
    keeps: only(isAdaptable)(adapted),
    write: ({ unstorage }, entry) => unstorage.setItemRaw(entry.key, javaScriptOf(entry)),
  },
  {
    name: 'unstorage.setItems',
    routes: [],
    keeps: only(isAdaptable)(adapted),
    write: ({ unstorage }, entry) => unstorage.setItems([{ key: entry.key, value: javaScriptOf(entry) }]),
  },
  {
    name: 'a session',
    routes: [],
    keeps: only(isJavaScript)(({ key, value }) => {
      const session = Buffer.from(`{"cookie":{},"data":${value}}`);
      return { key, value: session, contentType: 'application/json', expiresAt: 'some' };
    }),
    write: ({ sessions }, { key, value }) =>
      new Promise((resolve, reject) => {
        const session = { cookie: {}, data: JSON.parse(`${value}`) };
        sessions.set(key, session, (error) => (error ? reject(error) : resolve(undefined)));
      }),
  },
];

/** What an adapter keeps under a key as it is: not one that looks like the hash of a longer one. */
function isAdaptable({ key }: KeptEntry): boolean {
  return !/~[0-9a-f]{64}$/.test(key);
}

function adapted(entry: KeptEntry): KeptEntry {
  const { key, value } = entry;
  const contentType = typeof javaScriptOf(entry) === 'object' && isText(entry) ? 'application/json' : undefined;
  return contentType === undefined ? valueAndType(withDefaultOfString(entry)) : { key, value, contentType };
}

function withDefaultOfString(entry: KeptEntry): KeptEntry {
  return { ...entry, contentType: isText(entry) ? 'text/plain; charset=utf-8' : withDefaultType(entry).contentType };
}

/** An object or array if JSON stands for one, else a text or bytes. */
function javaScriptOf(entry: KeptEntry): unknown {
  if (!isText(entry)) return bytesOf(entry);
  const text = entry.value.toString();
  return isJavaScript(entry) && /^[[{]/.test(text) ? JSON.parse(text) : text;
}

function bytesOf({ value }: KeptEntry): Uint8Array {
  return new Uint8Array(value);
}

function putOf(entry: KeptEntry): PutEntry<unknown> {
  return { key: entry.key, value: bytesOf(entry), ...optionsOf(entry) };
}

function optionsOf({ contentType, expiresAt, meta }: Omit<KeptEntry, 'contentType'> & { contentType?: string }) {
  return {
    contentType,
    expiresAt: typeof expiresAt === 'number' ? new Date(expiresAt) : undefined,
    meta: meta === undefined ? undefined : (JSON.parse(meta) as Record<string, unknown>),
  };
}

/** Whether JavaScript makes the same text of the metadata again. */
export function isMeta({ meta }: KeptEntry): boolean {
  return meta === undefined || (isJson({ key: '', contentType: '', value: Buffer.from(meta) }) && isSame(meta));
}

function isSame(json: string): boolean {
  return JSON.stringify(JSON.parse(json)) === json;
}
