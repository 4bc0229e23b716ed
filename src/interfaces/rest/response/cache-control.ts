/** A secret must not stay in any cache. */
export const UNCACHED = { 'Cache-Control': 'no-store' };
