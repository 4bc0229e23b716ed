import type { IncomingMessage } from 'node:http';

/** Whoever sends a body at least as fast may take the time it needs. */
const BYTES_PER_SECOND = 16 * 1024;

const paced = new WeakSet<IncomingMessage>();

/** Whether the time that the body takes is watched here, so that node's limit on whole requests does not count. */
export function isRateEnforced(request: IncomingMessage): boolean {
  return paced.has(request);
}

/**
 * Calls `late` once when the body takes longer than `allowed` ms and comes too slowly. Time in which this server does not read on
 * is not held against the client. The function given back ends the watch.
 */
export function enforceMinimumRate(request: IncomingMessage, allowed: number, late: () => void): () => void {
  const { socket } = request;
  const from = socket.bytesRead;
  let excused = 0;
  let waited = allowed;
  const look = () => {
    if (request.readableLength > 0) excused += waited;
    const seconds = (performance.now() - start - excused) / 1000;
    if (socket.bytesRead - from < seconds * BYTES_PER_SECOND) late();
    else {
      waited = Math.min(allowed, 1000);
      timer = setTimeout(look, waited).unref();
    }
  };
  const start = performance.now();
  let timer = setTimeout(look, allowed).unref();
  paced.add(request);
  return () => clearTimeout(timer);
}
