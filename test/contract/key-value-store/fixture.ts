import type { KeyValueStore } from '../../../src/interfaces/key-value-store/key-value-store.js';
import type { TestFramework } from '../store-fixture.js';

/** How the suite gets the store that it tests; it removes all entries before each test. */
export interface KeyValueStoreFixture {
  readonly name: string;
  readonly store: () => KeyValueStore;
}

/** Declares one promise and how it is checked, on an empty store. */
export type Declare = (title: string, check: (store: KeyValueStore) => Promise<void>) => void;

export function declareWith(tests: TestFramework, fixture: KeyValueStoreFixture): Declare {
  return (title, check) =>
    tests.it(title, async () => {
      const store = fixture.store();
      await store.clear();
      await check(store);
    });
}

/** The code of the error that a promise rejects with; undefined if it resolves. */
export async function codeOf(task: Promise<unknown>): Promise<unknown> {
  try {
    await task;
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? String(error);
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Waits for as long as an entry may need to expire. */
export const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

export const bytesOf = (text: string) => new TextEncoder().encode(text);
