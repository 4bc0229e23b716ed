import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { AppError } from '../../../domain/errors.js';
import type { ApiClient } from '../api-client.js';
import { BufferedOutput } from '../buffered-output.js';
import { progressOf } from '../progress.js';
import { RetryPolicy } from '../retry.js';
import { exportLines, type Line, Tally } from './export-lines.js';

export interface ExportOptions {
  /** Goes on with what an export that broke off left. */
  readonly resume?: true;
}

/** What is there of an export: its lines so far, and the last key in them. */
interface Begun {
  readonly tally: Tally;
  after: string | undefined;
  /** In bytes. */
  length: number;
}

/**
 * Writes an export into a file, which is there only when it is whole; without a file to standard output. Where the connection breaks, it goes
 * on behind the last key that came, as of a later moment.
 */
export async function exportFile(
  client: ApiClient,
  project: string,
  file: string | undefined,
  { resume }: ExportOptions = {},
): Promise<void> {
  const { data } = await client.call('GET', `${project}/store?count=only`);
  const progress = await progressOf(`Exporting ${project}`, 'entries', data.count);
  const partial = file === undefined ? undefined : `${file}.partial`;
  const begun = (resume && partial !== undefined && (await begunIn(partial, project))) || nothingYet();
  const target = partial === undefined ? undefined : await open(partial, resume ? 'a' : 'w', 0o600);
  const out = new BufferedOutput(target);
  try {
    await target?.truncate(begun.length);
    const breaks = await download(client, project, begun, async (bytes) => {
      await out.put(bytes);
      progress.update(begun.tally.count);
    });
    await out.put(begun.tally.trailer());
    await out.flush();
    await target?.sync();
    if (partial !== undefined && file !== undefined) await rename(partial, file);
    const parts = breaks > 0 ? `; it broke off ${breaks} times, and what came after is as of later moments` : '';
    const where = file === undefined ? '' : ` to ${file}`;
    progress.end(`${begun.tally.count} entries of project '${project}' exported${where}${parts}`);
  } catch (cause) {
    await out.flush().catch(() => undefined);
    const kept = partial !== undefined && begun.after !== undefined;
    if (partial !== undefined && !kept) await rm(partial, { force: true });
    const advice = kept ? `; ${partial} has what came: go on with --resume` : '';
    throw new AppError('unavailable', `The export is not whole: ${(cause as Error).message}${advice}`, { cause });
  } finally {
    await target?.close();
  }
}

/** Hands over the lines until the trailer has come; says how often the connection broke. */
async function download(
  client: ApiClient,
  project: string,
  begun: Begun,
  write: (bytes: Buffer) => Promise<void>,
): Promise<number> {
  const patience = new RetryPolicy();
  for (let breaks = 0; ; breaks++) {
    try {
      const query = begun.after === undefined ? '' : `?after=${encodeURIComponent(begun.after)}`;
      const own = new Tally();
      for await (const line of exportLines(await client.download(`${project}/export${query}`))) {
        if (line.kind === 'trailer') {
          if (!line.bytes.equals(own.trailer())) throw new Error('the trailer does not agree with what came');
          return breaks;
        }
        own.add(line);
        if (line.kind === 'header' && begun.length > 0) continue;
        take(begun, line);
        await write(line.bytes);
        patience.reset();
      }
      throw new Error('the trailer is missing');
    } catch (error) {
      await patience.wait(error);
    }
  }
}

function take(begun: Begun, line: Line): void {
  begun.tally.add(line);
  begun.length += line.bytes.length;
  if (line.kind === 'entry') begun.after = line.key;
}

function nothingYet(): Begun {
  return { tally: new Tally(), after: undefined, length: 0 };
}

/** Undefined where there is no such file; rejects with `invalid` where it is of another project. */
async function begunIn(path: string, project: string): Promise<Begun | undefined> {
  const begun = nothingYet();
  try {
    for await (const line of exportLines(createReadStream(path))) {
      if (line.kind === 'trailer') break;
      if (line.kind === 'header') requireOf(project, line.bytes, path);
      take(begun, line);
    }
    return begun;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function requireOf(project: string, header: Buffer, path: string): void {
  const { project: found } = JSON.parse(header.toString()) as { project?: unknown };
  if (found === project) return;
  const message = `${path} has what came of project ${JSON.stringify(found)}, not of '${project}': move it away, or export without --resume`;
  throw new AppError('invalid', message);
}
