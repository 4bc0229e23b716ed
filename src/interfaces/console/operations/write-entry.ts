import { fetched } from '../api/client.js';
import { entryApi } from '../session/session.js';

interface PutOptions {
  readonly contentType: string;
  /** The version that is replaced; `absent` if there must be none; undefined to write in any case. */
  readonly expected: string | 'absent' | undefined;
  /** Seconds; without it an entry keeps the expiry that it has. */
  readonly ttl?: number | undefined;
}

/** Stores bytes, and returns their version. Throws `ApiError`, with status 412 if another write was first. */
export async function putEntry(
  project: string,
  key: string,
  bytes: Uint8Array<ArrayBuffer> | Blob,
  { contentType, expected, ttl }: PutOptions,
): Promise<string> {
  const condition =
    expected === 'absent' ? { 'If-None-Match': '*' } : expected === undefined ? {} : { 'If-Match': `"${expected}"` };
  const { response } = await fetched(
    entryApi(project).PUT('/api/v1/projects/{project}/values', {
      params: {
        path: { project },
        query: { key, keep_meta: true, ...(ttl === undefined ? { keep_ttl: true } : { ttl }) },
        header: condition,
      },
      headers: { 'Content-Type': contentType || 'application/octet-stream' },
      body: bytes,
    }),
  );
  return (response.headers.get('etag') ?? '').replaceAll('"', '');
}
