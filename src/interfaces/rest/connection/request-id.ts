import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Numbers requests, unique over restarts; an id that a client brings is kept if it is sane. */
export function requestIds(): (headers: IncomingHttpHeaders) => string {
  const start = randomBytes(6).toString('base64url');
  let count = 0;
  return (headers) => {
    const brought = headers['x-request-id'];
    if (typeof brought === 'string' && /^[\w.:-]{1,64}$/.test(brought)) return brought;
    count += 1;
    return `${start}-${count.toString(36)}`;
  };
}
