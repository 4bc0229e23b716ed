import fc from 'fast-check';

/** One small change to bytes; positions and lengths are taken modulo the length of the bytes. */
export interface Mutation {
  readonly kind: 'flip' | 'insert' | 'remove' | 'repeat' | 'move' | 'cut';
  readonly at: number;
  readonly to: number;
  readonly length: number;
  /** What `insert` inserts; `flip` flips the bits that are set in its first byte. */
  readonly bytes: Uint8Array;
}

export const KINDS = ['flip', 'insert', 'remove', 'repeat', 'move', 'cut'] as const;

/** The sample after one change. */
export function mutate(sample: Buffer, { kind, at, to, length, bytes }: Mutation): Buffer {
  const from = at % (sample.length + 1);
  const end = Math.min(sample.length, from + length);
  const piece = sample.subarray(from, end);
  const without = Buffer.concat([sample.subarray(0, from), sample.subarray(end)]);
  const target = to % (without.length + 1);
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(sample);
      if (from < flipped.length) flipped[from] = (flipped[from] as number) ^ ((bytes[0] ?? 0) | 1);
      return flipped;
    }
    case 'insert':
      return Buffer.concat([sample.subarray(0, from), bytes, sample.subarray(from)]);
    case 'remove':
      return without;
    case 'repeat':
      return Buffer.concat([sample.subarray(0, end), piece, sample.subarray(end)]);
    case 'move':
      return Buffer.concat([without.subarray(0, target), piece, without.subarray(target)]);
    case 'cut':
      return sample.subarray(0, from);
  }
}

/**
 * Samples with a few changes; inserted bytes are often one of the tokens, on which the decisions of a parser depend.
 */
export function mutated(
  samples: fc.Arbitrary<Buffer>,
  tokens: readonly string[],
  kinds: readonly Mutation['kind'][] = KINDS,
): fc.Arbitrary<Buffer> {
  const token = fc.constantFrom(...tokens).map((text) => Buffer.from(text));
  const mutation = fc.record<Mutation>({
    kind: fc.constantFrom(...kinds),
    at: fc.nat(),
    to: fc.nat(),
    length: fc.integer({ min: 1, max: 40 }),
    bytes: fc.oneof(token, fc.uint8Array({ minLength: 1, maxLength: 4 })),
  });
  return fc
    .tuple(samples, fc.array(mutation, { maxLength: 6 }))
    .map(([sample, mutations]) => mutations.reduce(mutate, sample));
}
