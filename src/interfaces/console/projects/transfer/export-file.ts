import { ApiError } from '../../api/api-error.js';
import { dataOf, fetched } from '../../api/client.js';
import { entryApi } from '../../session/session.js';

export interface ExportProgress {
  readonly entries: number;
  readonly bytes: number;
  /** Entries when it began; undefined if they are not known. */
  readonly total: number | undefined;
}

interface Options {
  readonly isCompressed: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExportProgress) => void;
}

const NEWLINE = 10;
/** How often the progress is shown, in ms. */
const INTERVAL = 100;

/** An export as a file; undefined if it was given up. Throws if its last line, the trailer, is missing. */
export async function fetchExport(project: string, { isCompressed, signal, onProgress }: Options) {
  const path = { project };
  const total = await entriesOf(project);
  try {
    const { response } = await fetched(
      entryApi(project).GET('/api/v1/projects/{project}/export', { params: { path }, parseAs: 'stream', signal }),
    );
    let [lines, size, shownAt] = [0, 0, 0];
    let last: Uint8Array = new Uint8Array();
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (const byte of chunk) if (byte === NEWLINE) lines += 1;
        size += chunk.length;
        last = tail(last, chunk);
        if (performance.now() - shownAt > INTERVAL) {
          shownAt = performance.now();
          onProgress({ entries: Math.max(0, lines - 1), bytes: size, total });
        }
        controller.enqueue(chunk);
      },
    });
    const text = (response.body as ReadableStream<Uint8Array>).pipeThrough(counted);
    const stream = isCompressed ? text.pipeThrough(new CompressionStream('gzip') as never) : text;
    const blob = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
    if (!/"sha256":"[0-9a-f]{64}"\}\n$/.test(new TextDecoder().decode(last))) {
      throw new ApiError(0, 'console', 'The export broke off before its last line. Nothing was saved; try again.');
    }
    return { blob, entries: lines - 2 };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** The last bytes of what came so far: those of the trailer. */
function tail(before: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (chunk.length >= 200) return chunk.slice(-200);
  const both = new Uint8Array(before.length + chunk.length);
  both.set(before);
  both.set(chunk, before.length);
  return both.slice(-200);
}

async function entriesOf(project: string): Promise<number | undefined> {
  const params = { path: { project }, query: { count: 'only' as const } };
  const data = await dataOf(entryApi(project).GET('/api/v1/projects/{project}/store', { params })).catch(() => ({}));
  return (data as { readonly count?: number }).count;
}
