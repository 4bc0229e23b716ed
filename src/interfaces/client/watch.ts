import { requireRange } from '../key-value-store/arguments.js';
import type { StoreChange, WatchOptions } from '../key-value-store/key-value-store.js';
import { type Connection, sleep } from './http/connection.js';
import { type StreamEvent, streamHeaders, streamOf } from './http/event-stream.js';
import { PortkvError } from './http/portkv-error.js';
import { refuse } from './items.js';
import { queryOf } from './paths.js';

/** The first delay before the stream is opened again, and the longest, in ms. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 10_000;

/**
 * As `KeyValueStore.watch` promises. Opens the stream again whenever it ends, after the last change that was reported.
 * Rejects if it cannot be opened the first time, or for a reason that does not pass.
 */
export async function* watch(
  connection: Connection,
  project: string,
  { prefix, signal }: WatchOptions,
  closed: AbortSignal,
): AsyncGenerator<StoreChange, void, undefined> {
  requireRange({ prefix }, refuse);
  const path = `${project}/changes${queryOf({ prefix: prefix === '' ? undefined : prefix })}`;
  const stop = signal === undefined ? closed : AbortSignal.any([signal, closed]);
  let since: string | undefined;
  let failures = 0;
  while (!stop.aborted) {
    try {
      const request = { method: 'GET', path, headers: streamHeaders(since) };
      for await (const event of streamOf((signal) => connection.open(request, signal), { stop, noStream })) {
        failures = 0;
        const isAgain = event.event === 'ready' && since !== undefined;
        since = event.id ?? since;
        if (event.data !== undefined && !isAgain) yield changeOf(event);
      }
    } catch (error) {
      if (stop.aborted) return;
      if (!isPassing(error) || since === undefined) throw error;
    }
    const delay = Math.min(FIRST_DELAY * 2 ** failures++, LONGEST_DELAY) * (0.5 + Math.random());
    await sleep(delay, stop).catch(() => undefined);
  }
}

/** Why what was opened is not read. */
function noStream(): PortkvError {
  return new PortkvError('invalid_response', 'The server, or a proxy before it, sent no stream of events');
}

function changeOf({ event, data = '' }: StreamEvent): StoreChange {
  if (event === 'ready' || event === 'resync') return { event };
  const { key, version } = JSON.parse(data) as { key: string; version: string };
  return { event: event as 'put', key, version };
}

/** Whether the stream can be opened again: connections break, and servers are started again. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof PortkvError)) return true;
  return error.retryAfter !== undefined || error.code === 'unavailable' || error.code === 'timeout';
}
