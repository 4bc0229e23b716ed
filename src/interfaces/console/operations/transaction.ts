import type { components } from '#openapi';
import { dataOf } from '../api/client.js';
import { entryApi } from '../session/session.js';
import { toBase64 } from './base64.js';
import type { Entry } from './read-entry.js';

type Schemas = components['schemas'];
type Transaction = Schemas['Transaction'];

/** Runs a transaction and returns the results by position. Throws `ApiError`. */
export async function runTransaction(
  project: string,
  body: Transaction,
): Promise<readonly Schemas['OperationResult'][]> {
  const { results } = await dataOf(
    entryApi(project).POST('/api/v1/projects/{project}/transactions', { params: { path: { project } }, body }),
  );
  return results;
}

/** Sets the seconds until an entry expires; null removes its expiry. */
export function touch(project: string, key: string, ttl: number | null): Promise<unknown> {
  return runTransaction(project, { operations: [{ touch: { key, ttl } }] });
}

/** Adds an integer of any size, written in digits. Returns the digits of the sum. */
export async function increment(project: string, key: string, by: string): Promise<string> {
  // By hand, because a number of JavaScript is not exact beyond 2^53.
  const body = `{"operations":[{"increment":{"key":${JSON.stringify(key)},"by":${BigInt(by)}}}]}`;
  const [result] = await runTransaction(project, body as unknown as Transaction);
  return (result as Schemas['IncrementResult']).value_text ?? '';
}

export function append(project: string, key: string, text: string): Promise<unknown> {
  return runTransaction(project, { operations: [{ append: { key, text } }] });
}

/** Writes a whole entry to another key, with its type, metadata and expiry; a rename removes it at the same moment. */
export function copyTo(
  project: string,
  entry: Entry,
  to: string,
  { isRename, mayReplace }: { readonly isRename: boolean; readonly mayReplace: boolean },
): Promise<unknown> {
  const { key, version, bytes, contentType, expiresAt, meta } = entry;
  const put = {
    key: to,
    base64: toBase64(bytes),
    ...(contentType === '' ? {} : { content_type: contentType }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(meta === undefined ? {} : { meta }),
  };
  return runTransaction(project, {
    checks: [{ key, version }, ...(mayReplace ? [] : [{ key: to, absent: true as const }])],
    operations: [{ put }, ...(isRename ? [{ delete: { key } }] : [])],
  });
}
