import { refuse } from './items.js';

/** The path of a project. */
export function projectPath(project: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(project)) return `/api/v1/projects/${project}`;
  throw refuse('invalid', `a project id has 1 to 64 letters, digits, _ and -; ${JSON.stringify(project)} is not one`);
}

/** The parameters that are defined, with the question mark; empty if none is. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | null | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? '' : `?${given.join('&')}`;
}

/**
 * The path of an entry's value. The key is in the query, because proxies and URL parsers decode, merge and remove parts
 * of a path, such as `%2F`, `//` and `..`, and leave a query alone.
 */
export function valuePath(project: string, key: string, parameters: Parameters<typeof queryOf>[0] = {}): string {
  return `${project}/values${queryOf({ key: keyOf(key), ...parameters })}`;
}

/** The path of an entry in the envelope, or of an action on it. The key must not be `.` or `..`. */
export function itemPath(
  project: string,
  key: string,
  action: string,
  parameters: Parameters<typeof queryOf>[0] = {},
): string {
  return `${project}/store/${encodeURIComponent(keyOf(key))}${action}${queryOf(parameters)}`;
}

/** A key that can be sent: half a character would be sent as another key. */
export function keyOf(key: string): string {
  if (typeof key === 'string' && key !== '' && key.isWellFormed()) return key;
  throw refuse('invalid', `a key must be a string of 1 to 512 bytes of UTF-8, not ${JSON.stringify(key)}`);
}

/** Whether a content type arrives as a header as it was given. The server takes that of forms for none. */
export function isHeader(contentType: string): boolean {
  return /^[!-~]([ -~]*[!-~])?$/.test(contentType) && !/^application\/x-www-form-urlencoded/i.test(contentType);
}
