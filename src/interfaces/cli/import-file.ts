import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../domain/errors.js';
import type { ApiClient } from './api-client.js';
import { progressOf } from './progress.js';

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dryRun?: true;
}

/** Sends an export, compressed or not, from a file or, for `-`, from standard input. */
export async function importFile(
  client: ApiClient,
  project: string,
  file: string,
  { mode, dryRun }: ImportOptions,
): Promise<void> {
  const source = file === '-' ? { stream: process.stdin as Readable, bytes: 0, zipped: false } : await opened(file);
  const progress = progressOf(`Importing into ${project}`, 'bytes', source.bytes);
  let sent = 0;
  const counted = source.stream.pipe(
    new Transform({
      transform: (chunk: Buffer, _, done) => {
        sent += chunk.length;
        progress.update(sent);
        done(null, chunk);
      },
    }),
  );
  const plain = source.zipped ? counted.pipe(createGunzip()) : counted;
  source.stream.on('error', (error) => plain.destroy(error));
  const query = `mode=${mode}${dryRun ? '&dry_run=true' : ''}`;
  const { data, message } = await client.call('POST', `${project}/import?${query}`, plain);
  const { count, put, unchanged, expired, removed } = data;
  const gone = removed === undefined ? '' : `, ${removed} removed`;
  progress.end(`${message} (${count} in the file, ${put} written, ${unchanged} unchanged, ${expired} expired${gone})`);
}

async function opened(file: string): Promise<{ stream: Readable; bytes: number; zipped: boolean }> {
  try {
    const handle = await open(file);
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    await handle.close();
    return { stream: createReadStream(file), bytes: size, zipped: buffer.readUInt16BE(0) === 0x1f8b };
  } catch (cause) {
    throw new AppError('unavailable', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
