import type { ApiClient } from '../api-client.js';

export interface Share {
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** Undefined: for ever. */
  readonly seconds: number | undefined;
  readonly name: string;
}

/** Makes a key for a slice of a project and prints it with a curl line that uses the first thing it may do. */
export async function shareSlice(client: ApiClient, project: string, share: Share): Promise<void> {
  const { prefix, scopes, seconds, name } = share;
  const { data } = await client.call('POST', `${project}/api-keys`, {
    name,
    scopes,
    ...(prefix === '' ? {} : { prefix }),
    ...(seconds === undefined ? {} : { expires_in: seconds }),
  });
  console.log(data.key);
  console.log(curlLine(client.address, project, data.key, prefix, scopes));
}

/** What to try with each scope, the most telling first: further words for curl, and the path below the project. */
const USES: readonly (readonly [scope: string, words: string, path: (prefix: string) => string])[] = [
  ['watch', "-N -H 'Accept: text/event-stream' ", (prefix) => `/changes?prefix=${prefix}`],
  ['list', '', (prefix) => `/store?keys_only=true&prefix=${prefix}`],
  ['read', '', (prefix) => (prefix === '' ? '/values?key=example' : `/latest?prefix=${prefix}`)],
  ['write', '-X PUT -d hello ', (prefix) => `/values?key=${prefix}example`],
  ['delete', '-X DELETE ', (prefix) => `/store?dry_run=true&prefix=${prefix}`],
  ['admin', '', () => ''],
];

function curlLine(address: string, project: string, key: string, prefix: string, scopes: readonly string[]): string {
  const [, words, path] = USES.find(([scope]) => scopes.includes(scope)) ?? ['', '', () => ''];
  const url = `${address}/api/v1/projects/${project}${path(encodeURIComponent(prefix))}`.replace(/[?&]prefix=$/, '');
  return `curl ${words}-H 'Authorization: Bearer ${key}' '${url.replaceAll("'", '%27')}'`;
}
