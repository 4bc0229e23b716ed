import type { TestFramework } from '../contract/store-fixture.js';

/** Runs what is declared without a test framework and returns the titles of the tests that fail. */
export async function failuresOf(declare: (tests: TestFramework) => void): Promise<string[]> {
  const all: (readonly [title: string, body: () => Promise<void>])[] = [];
  declare({ describe: (_, body) => body(), it: (title, body) => all.push([title, body]) });
  const failed: string[] = [];
  for (const [title, body] of all) await body().catch(() => failed.push(title));
  return failed;
}
