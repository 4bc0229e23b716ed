import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { AppError } from '../../../domain/errors.js';
import type { ApiClient } from '../connection/api-client.js';
import { RetryPolicy } from '../connection/retry.js';
import { BufferedOutput } from '../output/buffered-output.js';
import { startProgress } from '../output/progress.js';
import { encoderOf } from './export-encoder.js';
import { exportLines, type RawLine, TrailerBuilder } from './export-lines.js';
import { exportTarget, giveName } from './export-target.js';
import type { ExportFormat } from './formats/format.js';

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Continues an export in PortKV's own format that was interrupted, from its `.partial` file. */
  readonly resume?: true;
}

export interface ExportResult {
  /** Entries. */
  readonly count: number;
  /** How often the connection broke; what followed is as of a later moment. */
  readonly breaks: number;
}

/** The lines received so far, without a trailer. */
interface Received {
  readonly trailer: TrailerBuilder;
  /** The key of the last entry; undefined before the first one. */
  lastKey: string | undefined;
  /** In bytes. */
  length: number;
}

/**
 * Writes an export to a file or, without one, to standard output. The file has its name only once it is complete; until
 * then it is `.partial`. A device or a pipe is written as it is. If the connection breaks, the export continues after
 * the last key received, as of a later moment.
 */
export async function exportFile(
  client: ApiClient,
  project: string,
  path: string | undefined,
  { format, resume }: ExportOptions,
): Promise<ExportResult> {
  const isOwn = format === 'ndjson';
  if (resume && !isOwn) throw new AppError('invalid', "--resume is for PortKV's own format, ndjson");
  const { file, partial } = path === undefined ? {} : await exportTarget(path);
  const { data } = await client.call('GET', `${project}/store?count=only`);
  const progress = await startProgress(`Exporting ${project}`, 'entries', data.count);
  const received = (resume && partial !== undefined && (await readPartial(partial, project))) || nothingReceived();
  const written = partial ?? file;
  const handle = written === undefined ? undefined : await open(written, resume ? 'a' : 'w', 0o600);
  const out = new BufferedOutput(handle);
  const encoder = encoderOf(format);
  try {
    if (partial !== undefined) await handle?.truncate(received.length);
    const breaks = await download(client, project, received, async (line) => {
      await out.write(encoder.encode(line));
      progress.update(received.trailer.count);
    });
    await out.write(encoder.end(received.trailer));
    await out.flush();
    if (partial !== undefined && file !== undefined) {
      await handle?.sync();
      await giveName(partial, file);
    }
    const { count } = received.trailer;
    progress.end(summaryOf(count, project, path, breaks));
    return { count, breaks };
  } catch (cause) {
    await out.flush().catch(() => undefined);
    const kept = isOwn && partial !== undefined && received.lastKey !== undefined;
    if (partial !== undefined && !kept) await rm(partial, { force: true });
    const advice = kept ? `; ${partial} has the entries received: continue with --resume` : '';
    throw new AppError('unavailable', `The export is incomplete: ${(cause as Error).message}${advice}`, { cause });
  } finally {
    await handle?.close();
  }
}

function summaryOf(count: number, project: string, file: string | undefined, breaks: number): string {
  const target = file === undefined ? '' : ` to ${file}`;
  const parts = breaks > 0 ? `; it broke off ${breaks} times, and what followed is as of later moments` : '';
  return `${count} entries of project '${project}' exported${target}${parts}`;
}

/** Passes each line to `write` until the trailer arrives; returns how often the connection broke. */
async function download(
  client: ApiClient,
  project: string,
  received: Received,
  write: (line: RawLine) => Promise<void>,
): Promise<number> {
  const retry = new RetryPolicy();
  for (let breaks = 0; ; breaks++) {
    try {
      const query = received.lastKey === undefined ? '' : `?after=${encodeURIComponent(received.lastKey)}`;
      // Each download has a trailer of its own, for its lines only.
      const own = new TrailerBuilder();
      for await (const line of exportLines(await client.download(`${project}/export${query}`))) {
        if (line.kind === 'trailer') {
          if (!line.bytes.equals(own.build())) throw new Error('the trailer does not match the lines received');
          return breaks;
        }
        own.add(line);
        if (line.kind === 'header' && received.length > 0) continue;
        addLine(received, line);
        await write(line);
        retry.reset();
      }
      throw new Error('the trailer is missing');
    } catch (error) {
      await retry.wait(error);
    }
  }
}

function addLine(received: Received, line: RawLine): void {
  received.trailer.add(line);
  received.length += line.bytes.length;
  if (line.kind === 'entry') received.lastKey = line.key;
}

function nothingReceived(): Received {
  return { trailer: new TrailerBuilder(), lastKey: undefined, length: 0 };
}

/** Undefined if there is no such file; rejects with `invalid` if it belongs to another project. */
async function readPartial(path: string, project: string): Promise<Received | undefined> {
  const received = nothingReceived();
  try {
    for await (const line of exportLines(createReadStream(path))) {
      if (line.kind === 'trailer') break;
      if (line.kind === 'header') requireSameProject(project, line.bytes, path);
      addLine(received, line);
    }
    return received;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function requireSameProject(project: string, header: Buffer, path: string): void {
  const { project: found } = JSON.parse(header.toString()) as { project?: unknown };
  if (found === project) return;
  throw new AppError(
    'invalid',
    `${path} has entries of project ${JSON.stringify(found)}, not of '${project}': ` +
      'move it away, or export without --resume',
  );
}
