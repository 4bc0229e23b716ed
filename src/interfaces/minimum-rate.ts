/** What arrives at least this fast may take as long as it needs. */
const BYTES_PER_SECOND = 16 * 1024;

/** Whether so many bytes are too few for the time in which they arrived, in ms. */
export function isTooSlow(bytes: number, ms: number): boolean {
  return bytes < (ms / 1000) * BYTES_PER_SECOND;
}
