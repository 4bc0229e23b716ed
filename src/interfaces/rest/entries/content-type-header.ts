/** Node writes a header as Latin-1. */
const BEYOND_HEADERS = /[^\x00-\xff]/;

/** A stored type as a header. One from an import may have characters that no header has: it is sent in UTF-8. */
export function contentTypeHeader(contentType: string): string {
  return BEYOND_HEADERS.test(contentType) ? Buffer.from(contentType).toString('latin1') : contentType;
}
