import { connect } from 'portkv/client';
import { keyValueStoreContract } from '../../../dist/test/contract/key-value-store/key-value-store.contract.js';

/** Where the suite runs, and the outcome of each test: undefined if it passed. */
export type Outcomes = Record<string, string | undefined>;

/** Runs the contract of stores on the client, without any test framework: it runs in every runtime. */
export async function runSuite(options: { url: string; project: string; key: string }): Promise<Outcomes> {
  const store = connect(options);
  const tests: [title: string, body: () => Promise<void>][] = [];
  const path: string[] = [];
  keyValueStoreContract(
    {
      describe: (title, body) => {
        path.push(title);
        body();
        path.pop();
      },
      it: (title, body) => tests.push([[...path, title].join(': '), body]),
    },
    { name: 'on a server', store: () => store },
  );
  const outcomes: Outcomes = {};
  for (const [title, body] of tests) {
    outcomes[title] = await body().then(
      () => 'passed',
      (error: unknown) => `failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
    );
  }
  await store.close();
  return outcomes;
}
