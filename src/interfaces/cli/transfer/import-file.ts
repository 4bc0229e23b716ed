import { Readable } from 'node:stream';
import type { NumberedEntry } from '../../../application/transfer/read-export.js';
import { AppError } from '../../../domain/errors.js';
import type { ApiClient } from '../connection/api-client.js';
import type { ApiResponse } from '../connection/response.js';
import { printKept } from '../output/kept-files.js';
import { printMessage } from '../output/messages.js';
import { startProgress } from '../output/progress.js';
import { detectFormat, SAMPLE_BYTES } from './formats/detect-format.js';
import type { FormatName } from './formats/format.js';
import { formats } from './formats/formats.js';
import { type ImportCounts, importInParts } from './import-in-parts.js';
import { type ImportSource, openSource } from './import-source.js';
import { withoutMark } from './reading/chunks.js';
import { toExport, withFileLine } from './to-export.js';

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dryRun?: true;
  /** Only entries after this key. */
  readonly after?: string;
  /** Found by the name and the content of the file if it is undefined. */
  readonly format?: FormatName;
  /** Whether a file in PortKV's own format must have its header and its trailer. */
  readonly verify: boolean;
}

/** `removed` and `kept` as the route returns them. */
export interface ImportResult extends ImportCounts {
  readonly file: string;
  readonly format: FormatName;
  readonly removed?: number;
  readonly kept?: readonly string[];
}

/**
 * Sends the entries of a file or, for `-`, of standard input, in any of the formats and compressed or not. A file is
 * merged in parts, so that a connection that breaks costs only one of them; anything else is sent in one request.
 */
export async function importFile(
  client: ApiClient,
  project: string,
  file: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const { mode, dryRun, after } = options;
  const inParts = mode === 'merge' && !dryRun && file !== '-';
  if (after !== undefined && !inParts) throw new AppError('invalid', '--after is for merging a file');
  if (!dryRun) await client.requirePersistent(project);
  const name = file === '-' ? 'standard input' : file;
  const source = await openSource(file, SAMPLE_BYTES);
  const format = chooseFormat(name, source, options);
  const progress = await startProgress(`Importing into ${project}`, 'bytes', source.bytes);
  const now = Date.now();
  const entries = (withProgress: boolean) => {
    const chunks = source.chunks(withProgress ? (bytes) => progress.update(bytes) : undefined);
    return namingFile(name, formats[format].read(withoutMark(chunks), { now, verify: options.verify }));
  };
  try {
    if (inParts) {
      const counts = await importInParts(client, project, entries, { after, inOrder: format === 'ndjson' });
      const result = `${counts.put} key-value pairs imported successfully into project '${project}' store`;
      progress.end(`${result} (${describeCounts(counts)})`);
      return { file, format, ...counts };
    }
    const { data, message } = await importAtOnce(client, project, entries(true), options);
    const removed = data.removed === undefined ? '' : `, ${data.removed} removed`;
    progress.end(`${message} (${describeCounts(data)}${removed})`);
    printKept(data.kept);
    return { file, format, ...data };
  } catch (error) {
    throw inFile(error, name);
  }
}

/** Reports on standard error which format was found. */
function chooseFormat(file: string, source: ImportSource, { format, verify, after }: ImportOptions): FormatName {
  const chosen = format ?? detectFormat(file, source.start);
  if (chosen === 'ndjson') return chosen;
  const option = verify ? after !== undefined && '--after' : '--no-verify';
  if (option) throw new AppError('invalid', `${option} is for PortKV's own format, ndjson; ${file} is ${chosen}`);
  if (format === undefined) printMessage(`${file} is read as ${chosen}`);
  return chosen;
}

/** The entries; errors name the file, so that they differ from those of the server. */
async function* namingFile(file: string, entries: AsyncIterable<NumberedEntry>): AsyncGenerator<NumberedEntry> {
  try {
    yield* entries;
  } catch (error) {
    throw inFile(error, file);
  }
}

async function importAtOnce(
  client: ApiClient,
  project: string,
  entries: AsyncIterable<NumberedEntry>,
  { mode, dryRun }: ImportOptions,
): Promise<ApiResponse> {
  const lines: number[] = [];
  const query = `mode=${mode}${dryRun ? '&dry_run=true' : ''}`;
  try {
    return await client.call('POST', `${project}/import?${query}`, Readable.from(toExport(project, entries, lines)));
  } catch (error) {
    throw withFileLine(error, lines);
  }
}

function describeCounts({ count, put, unchanged, expired }: ImportCounts): string {
  return `${count} in the file, ${put} written, ${unchanged} unchanged, ${expired} expired`;
}

/** The error with the name of the file, if it is about a line of it. */
function inFile(error: unknown, file: string): unknown {
  if (!(error instanceof AppError) || !/^(?:Line \d|The trailer )/.test(error.message)) return error;
  return new AppError(error.code, `${file}: ${error.message}`, { cause: error });
}
