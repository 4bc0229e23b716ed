import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../domain/errors.js';
import type { ApiClient } from '../api-client.js';
import { progressOf } from '../progress.js';
import { isZipped, startOf } from './file-start.js';
import { type ImportSum, importInParts } from './import-in-parts.js';

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dryRun?: true;
  /** Only entries behind this key. */
  readonly after?: string;
}

/**
 * Sends an export, compressed or not, from a file or, for `-`, from standard input. A file that is merged goes in parts, so that a connection
 * that breaks costs one of them; everything else happens at once or not at all.
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
  const source = file === '-' ? undefined : await sourceOf(file);
  const progress = await progressOf(`Importing into ${project}`, 'bytes', source?.bytes ?? 0);
  const chunks = (shown: boolean) => {
    const update = (bytes: number) => shown && progress.update(bytes);
    return source === undefined ? counted(process.stdin, update) : opened(file, source.zipped, update);
  };
  if (inParts) {
    const sum = await importInParts(client, project, chunks, after);
    progress.end(`${sum.put} key-value pairs imported successfully into project '${project}' store (${textOf(sum)})`);
    return;
  }
  const query = `mode=${mode}${dryRun ? '&dry_run=true' : ''}`;
  const { data, message } = await client.call('POST', `${project}/import?${query}`, chunks(true));
  const gone = data.removed === undefined ? '' : `, ${data.removed} removed`;
  progress.end(`${message} (${textOf(data)}${gone})`);
}

function textOf({ count, put, unchanged, expired }: ImportSum): string {
  return `${count} in the file, ${put} written, ${unchanged} unchanged, ${expired} expired`;
}

async function sourceOf(file: string): Promise<{ bytes: number; zipped: boolean }> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    return { bytes: size, zipped: isZipped(await startOf(handle, 2)) };
  } catch (cause) {
    throw new AppError('unavailable', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function opened(file: string, zipped: boolean, update: (bytes: number) => void): Readable {
  const source = createReadStream(file);
  const bytes = counted(source, update);
  const plain = zipped ? bytes.pipe(createGunzip()) : bytes;
  if (zipped) bytes.on('error', (error) => plain.destroy(error));
  return plain;
}

function counted(source: Readable, update: (bytes: number) => void): Readable {
  let sent = 0;
  const counting = new Transform({
    transform: (chunk: Buffer, _, done) => {
      sent += chunk.length;
      update(sent);
      done(null, chunk);
    },
  });
  source.on('error', (error) => counting.destroy(error));
  return source.pipe(counting);
}
