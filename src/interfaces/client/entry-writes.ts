import type { Removed, Replaced, Written } from '../key-value-store/transaction.js';
import { encodePart, encodeValue } from '../key-value-store/value-codec.js';
import type { IfVersion, PutEntry, PutValue, WriteAs, WriteConditions } from '../key-value-store/values.js';
import type { ApiRequest, Connection } from './http/connection.js';
import { PortkvError } from './http/portkv-error.js';
import { dataOf, versionOf } from './http/response.js';
import { type Item, refuse, storedOf, storedOfResponse } from './items.js';
import { conditionHeaders, expiryOf, metaHeader } from './operations.js';
import { ifExists, isSame, isUnknown } from './outcomes.js';
import { isHeader, itemPath, valuePath } from './paths.js';
import { runOne } from './transactions.js';

/** More bytes than this are sent as they are: a transaction has at most 8 MiB of text. */
const LARGE = 2 * 1024 * 1024;

/** Puts an entry and returns its version. `project` is the path of the project, as in all functions here. */
export async function put(
  connection: Connection,
  project: string,
  { key, value, ...options }: PutEntry<unknown>,
  conditions: WriteConditions,
): Promise<string> {
  const encoded = encodeValue(value, options, refuse);
  if (!isHeader(encoded.contentType)) {
    const entry = { ...options, key, value: encoded.value, contentType: encoded.contentType };
    return ((await runOne(connection, project, { put: entry }, conditions)) as Written).version;
  }
  const { headers, repeat } = guards(conditions);
  const request: ApiRequest = {
    method: 'PUT',
    path: valuePath(project, key, putParameters(options)),
    headers: { 'Content-Type': encoded.contentType, ...headers, ...metaHeader(options) },
    body: encoded.value,
    repeat,
  };
  try {
    return versionOf(await connection.send(request));
  } catch (error) {
    if (repeat !== undefined || !isUnknown(error)) throw error;
    const found = await connection
      .send({ method: 'GET', path: valuePath(project, key), repeat: 'safe' })
      .then((response) => storedOfResponse<unknown, 'bytes'>(key, response, 'bytes'))
      .catch(() => undefined);
    if (found === undefined || !isSame(found, encoded, options)) throw error;
    return found.version;
  }
}

/** The same, with the entry before. */
export async function replace<T>(
  connection: Connection,
  project: string,
  { key, value, ...options }: PutEntry<T>,
  conditions: WriteConditions,
): Promise<Replaced<T>> {
  const encoded = encodeValue(value, options, refuse);
  const entry = { ...options, key, value: encoded.value, contentType: encoded.contentType };
  if (encoded.value.length <= LARGE || isDots(key) || !isHeader(encoded.contentType)) {
    const operation = { put: { ...entry, return: 'old' } } as const;
    return (await runOne(connection, project, operation, conditions)) as Replaced<T>;
  }
  const { headers, repeat } = guards(conditions);
  const response = await connection.send({
    method: 'PUT',
    path: itemPath(project, key, '', { return: 'old', as: 'base64', ...putParameters(options) }),
    headers: { 'Content-Type': encoded.contentType, ...headers, ...metaHeader(options) },
    body: encoded.value,
    repeat,
  });
  const old = dataOf(response) as Item | null;
  return { version: versionOf(response), old: old ? storedOf<T, 'auto'>(key, old, 'auto') : undefined };
}

/** Deletes an entry and returns whether it existed. */
export async function remove(
  connection: Connection,
  project: string,
  key: string,
  conditions: IfVersion,
): Promise<boolean> {
  const { headers, repeat } = guards(conditions);
  const request: ApiRequest = { method: 'DELETE', path: valuePath(project, key), headers, repeat };
  return (await ifExists(connection.send(request))) !== undefined;
}

/** The same, with the entry. */
export async function take<T>(
  connection: Connection,
  project: string,
  key: string,
  conditions: IfVersion,
): Promise<Removed<T>> {
  try {
    return (await runOne(connection, project, { delete: { key, return: 'old' } }, conditions)) as Removed<T>;
  } catch (error) {
    // A check of a version does not hold for an entry that is missing; to delete that is no failure.
    const isMissing = error instanceof PortkvError && error.code === 'precondition_failed';
    if (isMissing && error.details.version === null) return { existed: false, old: undefined };
    throw error;
  }
}

/** Appends to a value and returns the version. */
export async function append(
  connection: Connection,
  project: string,
  { key, value }: { readonly key: string; readonly value: string | Uint8Array },
  conditions: WriteConditions,
): Promise<string> {
  const part = encodePart(value, refuse);
  if (part.value.length <= LARGE || isDots(key)) {
    return ((await runOne(connection, project, { append: { key, value } }, conditions)) as Written).version;
  }
  const { headers, repeat } = guards(conditions);
  const response = await connection.send({
    method: 'POST',
    path: itemPath(project, key, '/append'),
    headers: { 'Content-Type': part.contentType, ...headers },
    body: part.value,
    repeat,
  });
  return versionOf(response);
}

/** Conditions as headers, and how a request with them may be repeated. */
function guards(conditions: WriteConditions): Pick<ApiRequest, 'repeat'> & { headers: Record<string, string> } {
  const headers = conditionHeaders(conditions);
  return { headers, repeat: Object.keys(headers).length > 0 ? 'conditional' : undefined };
}

function putParameters(options: PutValue<WriteAs>) {
  return { ...expiryOf(options), keep_meta: options.keepMeta || undefined };
}

/** Whether URL parsers would take the key for a part of the path. */
function isDots(key: string): boolean {
  return key === '.' || key === '..';
}
