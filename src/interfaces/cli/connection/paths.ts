/** The raw route of an entry. The key is in the query, which nothing on the way changes. */
export function valuePath(project: string, key: string, query: Readonly<Record<string, string>> = {}): string {
  return withQuery(`${project}/values`, { key, ...query });
}

/** The route of an entry with its metadata. */
export function itemPath(project: string, key: string): string {
  return `${project}/store/${encodeURIComponent(key).replaceAll('.', '%2E')}`;
}

/** A route below an entry, such as `touch`. */
export function entryPath(project: string, key: string, action: string): string {
  return `${itemPath(project, key)}/${action}`;
}

/** A path with the members of the query that are not undefined. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? path : `${path}?${given.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`;
}
