import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../domain/errors.js';
import type { ApiClient } from '../connection/api-client.js';
import { printKept } from '../output/kept-files.js';
import { startProgress } from '../output/progress.js';
import { type ImportCounts, importInParts } from './import-in-parts.js';
import { isGzip, readStart } from './verify-export.js';

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dryRun?: true;
  /** Only entries after this key. */
  readonly after?: string;
}

/**
 * Sends an export, compressed or not, from a file or, for `-`, from standard input. A file is merged in parts, so that
 * a connection that breaks costs only one of them; anything else is sent in one request.
 */
export async function importFile(
  client: ApiClient,
  project: string,
  file: string,
  { mode, dryRun, after }: ImportOptions,
): Promise<void> {
  const inParts = mode === 'merge' && !dryRun && file !== '-';
  if (after !== undefined && !inParts) throw new AppError('invalid', '--after is for merging a file');
  if (!dryRun) await client.requirePersistent(project);
  const source = file === '-' ? undefined : await inspectFile(file);
  const progress = await startProgress(`Importing into ${project}`, 'bytes', source?.bytes ?? 0);
  const chunks = (withProgress: boolean) => {
    const update = (bytes: number) => withProgress && progress.update(bytes);
    return source === undefined ? countBytes(process.stdin, update) : readPlain(file, source.gzip, update);
  };
  if (inParts) {
    const counts = await importInParts(client, project, chunks, after);
    const result = `${counts.put} key-value pairs imported successfully into project '${project}' store`;
    progress.end(`${result} (${describeCounts(counts)})`);
    return;
  }
  const query = `mode=${mode}${dryRun ? '&dry_run=true' : ''}`;
  const { data, message } = await client.call('POST', `${project}/import?${query}`, chunks(true));
  const removed = data.removed === undefined ? '' : `, ${data.removed} removed`;
  progress.end(`${message} (${describeCounts(data)}${removed})`);
  printKept(data.kept);
}

function describeCounts({ count, put, unchanged, expired }: ImportCounts): string {
  return `${count} in the file, ${put} written, ${unchanged} unchanged, ${expired} expired`;
}

async function inspectFile(file: string): Promise<{ bytes: number; gzip: boolean }> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    return { bytes: size, gzip: isGzip(await readStart(handle, 2)) };
  } catch (cause) {
    throw new AppError('unavailable', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The decompressed content. `update` gets the number of bytes read from the file so far, which are compressed. */
function readPlain(file: string, gzip: boolean, update: (bytes: number) => void): Readable {
  const bytes = countBytes(createReadStream(file), update);
  if (!gzip) return bytes;
  const plain = bytes.pipe(createGunzip());
  bytes.on('error', (error) => plain.destroy(error));
  return plain;
}

function countBytes(source: Readable, update: (bytes: number) => void): Readable {
  let total = 0;
  const counting = new Transform({
    transform: (chunk: Buffer, _, done) => {
      total += chunk.length;
      update(total);
      done(null, chunk);
    },
  });
  source.on('error', (error) => counting.destroy(error));
  return source.pipe(counting);
}
