import assert from 'node:assert/strict';
import type { Store } from '../../src/application/ports/store.js';
import type { Entry } from '../../src/domain/entry.js';

/** What the suite needs of a test framework. */
export interface TestFramework {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: () => Promise<void>): unknown;
}

/** How the suite gets the stores that it tests. */
export interface StoreFixture {
  readonly name: string;
  /** Whether what was committed is still there after close and open. */
  readonly durable: boolean;
  /** Whether `open` may be called again while the store is open, as at another node; else the reason why not. */
  readonly severalNodes?: true | string;
  /** Makes a place with an empty store. */
  begin(): Promise<StorePlace>;
}

export interface StorePlace {
  /** Opens the store. Called again only after the one before was closed, unless several nodes may open it. */
  open(): Promise<Store>;
  /** Removes the store, whether it is open or not. Needed only if several nodes may open it. */
  remove?(): Promise<void>;
  /** As `EngineServer` has them, whether it is open or not. Needed only if several nodes may open it. */
  fence?(token: string): Promise<void>;
  fencedBy?(): Promise<string | undefined>;
  unfence?(token: string): Promise<void>;
  /** Removes the place. The store is closed by then. */
  dispose(): Promise<void>;
}

/** Declares one promise and how it is checked, on a store of its own. `reopen` closes and opens it again. */
export type Declare = (title: string, check: (store: Store, reopen: () => Promise<Store>) => Promise<void>) => void;

/** A `Declare` that registers tests. */
export function declareWith(tests: TestFramework, fixture: StoreFixture): Declare {
  return (title, check) => tests.it(title, () => withStore(fixture, check));
}

/** Runs the check on a new store and disposes of it, also after a failure. */
export async function withStore(
  fixture: StoreFixture,
  check: (store: Store, reopen: () => Promise<Store>) => Promise<void>,
): Promise<void> {
  const place = await fixture.begin();
  let store = await place.open();
  const reopen = async () => {
    await store.close();
    store = await place.open();
    return store;
  };
  try {
    await check(store, reopen);
  } finally {
    try {
      await store.close();
    } catch {
      // The check closed it.
    }
    await place.dispose();
  }
}

let lastVersion = 1_700_000_000_000_000;

/** An entry with a new version. */
export function entry(key: string, value: string | Uint8Array = '', more: Partial<Entry> = {}): Entry {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  lastVersion += 1;
  const times = { createdAt: 1_700_000_000_123, updatedAt: 1_700_000_000_456 };
  return { key, value: bytes, contentType: 'text/plain', version: lastVersion, ...times, ...more };
}

/** Compares entries by content, whatever class of bytes a store returns. */
export function assertSame(
  actual: readonly (Entry | undefined)[],
  expected: readonly (Entry | undefined)[],
  message?: string,
): void {
  assert.deepEqual(actual.map(plain), expected.map(plain), message);
}

function plain(it: Entry | undefined): unknown {
  return it === undefined ? undefined : { ...it, value: Buffer.from(it.value).toString('latin1') };
}

/** The keys in the order that every store promises. */
export function inByteOrder(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Whether a key is between two bounds, by its bytes. */
export function isWithin(key: string, start: string | undefined, end: string | undefined): boolean {
  const compare = (bound: string) => Buffer.compare(Buffer.from(key), Buffer.from(bound));
  return (start === undefined || compare(start) >= 0) && (end === undefined || compare(end) < 0);
}

export function keysOf(entries: readonly Entry[]): string[] {
  return entries.map((it) => it.key);
}

/** Keys that some layer between the client and the disk may take for something else. */
export const AWKWARD_KEYS: readonly string[] = [
  ...[
    '/',
    '//',
    '/a',
    'a/',
    'a//b',
    '\\',
    'a\\b',
    'C:\\a',
    '.',
    '..',
    '../../etc/passwd',
    './a',
    '~',
    ' ',
    '  ',
    ' a',
    'a ',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    'null',
    'undefined',
    'true',
    '0',
    '-1',
    '1e3',
  ],
  ...[
    '"',
    "'",
    '`',
    '""',
    '\\"',
    '{',
    '}',
    '{}',
    '[]',
    ',',
    ':',
    '$',
    '%',
    '%2F',
    '%00',
    '?',
    '#',
    '&',
    '=',
    '*',
    '|',
    '<>',
  ],
  ...[
    '\0',
    'a\0',
    'a\0b',
    '\u0001',
    '\t',
    '\n',
    '\r\n',
    '\x1b[0m',
    '\x7f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufeffa',
  ],
  ...['a', 'A', 'ä', 'Ä', 'a\u0308', 'ß', 'SS', 'İ', 'ı', 'i', 'K', '\u212a', '\u00e5', '\u212b', 'ﬁ', 'fi'],
  ...['😀', '👩‍👩‍👧', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '\u{10ffff}\u{10ffff}', '日本', 'עברית'],
  ...[
    'con',
    'NUL',
    'aux.txt',
    '.json',
    'a.json',
    '.git',
    'k'.repeat(512),
    `${'k'.repeat(511)}K`,
    '😀'.repeat(128),
    '\0'.repeat(512),
  ],
  ...['\u{10ffff}'.repeat(128), '/'.repeat(512), '"'.repeat(512)],
];
