import type { IncomingMessage } from 'node:http';
import { isTooSlow } from '../../minimum-rate.js';
import { exemptFromRequestTimeout } from '../connection/http-limits.js';

/**
 * Calls `late` once if the body takes longer than `allowed` ms and arrives too slowly. Time in which this server does
 * not read does not count. Returns a function that stops the checks.
 */
export function enforceMinimumRate(request: IncomingMessage, allowed: number, late: () => void): () => void {
  const { socket } = request;
  const from = socket.bytesRead;
  let unread = 0;
  let interval = allowed;
  const check = () => {
    if (request.readableLength > 0) unread += interval;
    if (isTooSlow(socket.bytesRead - from, performance.now() - start - unread)) late();
    else {
      interval = Math.min(allowed, 1000);
      timer = setTimeout(check, interval).unref();
    }
  };
  const start = performance.now();
  let timer = setTimeout(check, allowed).unref();
  exemptFromRequestTimeout(request);
  return () => clearTimeout(timer);
}
