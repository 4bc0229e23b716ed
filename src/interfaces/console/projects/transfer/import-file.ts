import type { components } from '#openapi';
import { ApiError, errorOf, UNREACHABLE } from '../../api/api-error.js';
import { apiRoot } from '../../routing/addresses.js';
import { projectKeys } from '../../session/session.js';

export type ImportReport = components['schemas']['ImportStoreResponse']['data'];
export type ImportMode = 'merge' | 'replace';

interface Options {
  readonly mode: ImportMode;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  /** The part that was sent, up to 1; then the server reads the rest. */
  readonly onProgress: (part: number) => void;
}

/** Sends an export. By XMLHttpRequest, because `fetch` does not tell how much was sent. */
export async function sendImport(project: string, file: Blob, options: Options): Promise<ImportReport> {
  const { mode, isDryRun, signal, onProgress } = options;
  const query = new URLSearchParams({ mode, ...(isDryRun ? { dry_run: 'true' } : {}) });
  const request = new XMLHttpRequest();
  request.open('POST', `${apiRoot}/api/v1/projects/${encodeURIComponent(project)}/import?${query}`);
  request.setRequestHeader('X-API-Key', projectKeys.value.get(project)?.key ?? '');
  request.setRequestHeader('Content-Type', 'application/x-ndjson');
  request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
  signal.addEventListener('abort', () => request.abort());
  await new Promise<void>((resolve, reject) => {
    request.onload = () => resolve();
    request.onabort = () => reject(new ApiError(0, 'cancelled', 'The import was given up.'));
    request.onerror = () => reject(new ApiError(0, UNREACHABLE, 'The connection broke before the server answered.'));
    request.send(file);
  });
  const response = new Response(null, { status: request.status, headers: headersOf(request) });
  const body: unknown = parsed(request.responseText);
  if (!response.ok) throw errorOf(response, body);
  return (body as { readonly data: ImportReport }).data;
}

function headersOf(request: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const name of ['x-request-id', 'retry-after']) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The content of a file, unpacked if it is compressed with gzip. */
export async function contentOf(file: File): Promise<Blob> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return file;
  try {
    return await new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).blob();
  } catch {
    throw new ApiError(0, 'console', `${file.name} is compressed with gzip, and damaged: it cannot be unpacked.`);
  }
}
