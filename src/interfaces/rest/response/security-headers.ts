/**
 * On every answer, names and values in turn. A stored value is somebody's bytes: the sandbox keeps a browser from running them as
 * this server's own page. What else helmet sets concerns pages and is added behind the fast path: each header costs a read of one
 * entry about one percent.
 */
export const securityHeaders: readonly string[] = [
  'Content-Security-Policy',
  'sandbox',
  'X-Content-Type-Options',
  'nosniff',
];
