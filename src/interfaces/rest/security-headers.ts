/**
 * On every answer, names and values in turn. A stored value is somebody's bytes: the sandbox keeps a browser from running them as
 * this server's own page.
 */
export const securityHeaders: readonly string[] = [
  'Content-Security-Policy',
  'sandbox',
  'X-Content-Type-Options',
  'nosniff',
];
