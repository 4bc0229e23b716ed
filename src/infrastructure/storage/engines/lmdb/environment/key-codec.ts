/** Keys are plain UTF-8, written into LMDB's own buffer, so that LMDB orders them by their bytes. */
export const entryKeys = {
  writeKey(key: string, target: Buffer, start: number): number {
    const end = start + Buffer.byteLength(key);
    if (end > target.length) throw new RangeError('the buffer for keys is full');
    target.write(key, start, 'utf8');
    return end;
  },
  readKey(source: Buffer, start: number, end: number): string {
    return source.toString('utf8', start, end);
  },
};

/** A key of the expiry index. */
export interface ExpiryKey {
  readonly expiresAt: number;
  readonly key: string;
}

/** `expiresAt` as a big-endian float64, whose bytes are in numerical order for numbers of at least 0; then the key. */
export const expiryKeys = {
  writeKey({ expiresAt, key }: ExpiryKey, target: Buffer, start: number): number {
    target.writeDoubleBE(expiresAt, start);
    return entryKeys.writeKey(key, target, start + 8);
  },
  readKey(source: Buffer, start: number, end: number): ExpiryKey {
    return { expiresAt: source.readDoubleBE(start), key: entryKeys.readKey(source, start + 8, end) };
  },
};
