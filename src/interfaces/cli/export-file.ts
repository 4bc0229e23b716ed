import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../domain/errors.js';
import type { ApiClient } from './api-client.js';
import { progressOf } from './progress.js';

const NEWLINE = 10;

/** Writes an export into a file, which is there only when it is whole; without a file to standard output. */
export async function exportFile(client: ApiClient, project: string, file: string | undefined): Promise<void> {
  const { data } = await client.call('GET', `${project}/store?count=only`);
  const progress = progressOf(`Exporting ${project}`, 'entries', data.count);
  const response = await client.download(`${project}/export`);
  let lines = 0;
  let end: Buffer = Buffer.alloc(0);
  const counting = new Transform({
    transform: (chunk: Buffer, _, done) => {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
      end = Buffer.concat([end, chunk]).subarray(-200);
      progress.update(Math.max(0, lines - 2));
      done(null, chunk);
    },
  });
  const partial = file === undefined ? undefined : `${file}.partial`;
  try {
    if (partial === undefined) await pipeline(response, counting, process.stdout, { end: false });
    else await pipeline(response, counting, createWriteStream(partial, { mode: 0o600, flush: true }));
    if (!/\n\{"count":\d+,"sha256":"[0-9a-f]{64}"\}\n$/.test(end.toString())) throw new Error('the trailer is missing');
    if (partial !== undefined && file !== undefined) await rename(partial, file);
  } catch (cause) {
    if (partial !== undefined) await rm(partial, { force: true });
    throw new AppError('unavailable', `The export is not whole: ${(cause as Error).message}`, { cause });
  }
  progress.end(`${lines - 2} entries of project '${project}' exported${file === undefined ? '' : ` to ${file}`}`);
}
