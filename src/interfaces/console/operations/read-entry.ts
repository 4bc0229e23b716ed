import { ApiError } from '../api/api-error.js';
import { fetched } from '../api/client.js';
import { entryApi } from '../session/session.js';

/** An entry with the bytes that were read of it. */
export interface Entry {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole value; more than `bytes` has if only its beginning was read. */
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly version: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number | undefined;
  readonly meta: object | undefined;
}

/** How much of a value is read before one asks for all of it. */
const FIRST_BYTES = 512 * 1024;

/** Reads the beginning of a value, or all of it. Throws `ApiError`. */
export async function readEntry(project: string, key: string, whole = false): Promise<Entry> {
  const request = (header: { Range?: string }) =>
    fetched(
      entryApi(project).GET('/api/v1/projects/{project}/values', {
        params: { path: { project }, query: { key }, header },
        parseAs: 'arrayBuffer',
      }),
    );
  try {
    const { body, response } = await request(whole ? {} : { Range: `bytes=0-${FIRST_BYTES - 1}` });
    return entryOf(key, new Uint8Array(body as ArrayBuffer), response.headers);
  } catch (error) {
    // An empty value has no first byte.
    if (!(error instanceof ApiError) || error.status !== 416) throw error;
    const { body, response } = await request({});
    return entryOf(key, new Uint8Array((body as ArrayBuffer | undefined) ?? new ArrayBuffer()), response.headers);
  }
}

export function isWhole(entry: Entry): boolean {
  return entry.bytes.length === entry.sizeBytes;
}

function entryOf(key: string, bytes: Uint8Array<ArrayBuffer>, headers: Headers): Entry {
  const total = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  const [expires, meta] = [headers.get('kv-expires'), headers.get('kv-meta')];
  const created = Number(headers.get('kv-created') ?? 0);
  const modified = headers.get('last-modified');
  return {
    key,
    bytes,
    sizeBytes: total === undefined ? bytes.length : Number(total),
    contentType: headers.get('content-type') ?? '',
    version: (headers.get('etag') ?? '').replaceAll(/^W\/|"/g, ''),
    createdAt: created,
    updatedAt: modified === null ? created : Date.parse(modified) / 1000,
    expiresAt: expires === null ? undefined : Number(expires),
    meta: meta === null ? undefined : (JSON.parse(meta) as object),
  };
}
