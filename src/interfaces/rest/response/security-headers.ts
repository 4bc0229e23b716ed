/**
 * The headers of every response, names and values in turn. A stored value can be a page: the sandbox keeps a browser
 * from running it with the rights of this server. The other headers that helmet sets concern pages; they are added only
 * after the fast path, because each header makes a read of one entry about one percent slower.
 */
export const securityHeaders: readonly string[] = [
  'Content-Security-Policy',
  'sandbox',
  'X-Content-Type-Options',
  'nosniff',
];
