/** What a bound begins with that includes its key, or does not. */
const CLOSED = Buffer.from('[');
export const OPEN = Buffer.from('(');

/** The bounds of a range by the bytes of keys: from `low` on, before `high`. */
export function lexBounds(low: string, high: string | undefined): [from: string | Buffer, to: string | Buffer] {
  return [
    low === '' ? '-' : Buffer.concat([CLOSED, Buffer.from(low)]),
    high === undefined ? '+' : Buffer.concat([OPEN, Buffer.from(high)]),
  ];
}
