import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Makes request ids that are unique across restarts. A client's own id is kept if it is short and has only safe
 * characters.
 */
export function requestIds(): (headers: IncomingHttpHeaders) => string {
  const start = randomBytes(6).toString('base64url');
  let count = 0;
  return (headers) => {
    const received = headers['x-request-id'];
    if (typeof received === 'string' && /^[\w.:-]{1,64}$/.test(received)) return received;
    count += 1;
    return `${start}-${count.toString(36)}`;
  };
}
