import type { IncomingMessage } from 'node:http';

/** A client that sends a body at least this fast has as much time as it needs. */
const BYTES_PER_SECOND = 16 * 1024;

const enforced = new WeakSet<IncomingMessage>();

/** Whether the rate of the body is enforced here, so that node's timeout of whole requests does not count. */
export function isRateEnforced(request: IncomingMessage): boolean {
  return enforced.has(request);
}

/**
 * Calls `late` once the body takes longer than `allowed` ms and arrives too slowly. Time in which this server does not
 * read does not count. Returns a function that stops the checks.
 */
export function enforceMinimumRate(request: IncomingMessage, allowed: number, late: () => void): () => void {
  const { socket } = request;
  const from = socket.bytesRead;
  let excused = 0;
  let interval = allowed;
  const check = () => {
    if (request.readableLength > 0) excused += interval;
    const seconds = (performance.now() - start - excused) / 1000;
    if (socket.bytesRead - from < seconds * BYTES_PER_SECOND) late();
    else {
      interval = Math.min(allowed, 1000);
      timer = setTimeout(check, interval).unref();
    }
  };
  const start = performance.now();
  let timer = setTimeout(check, allowed).unref();
  enforced.add(request);
  return () => clearTimeout(timer);
}
