import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/** The seed of every random choice of this run; `FUZZ_SEED` repeats an earlier run. */
export const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31 - 1));

/** How much is tried: 1 in a build. */
const SCALE = Number(process.env.FUZZ_SCALE ?? 1);

/** Adds to a title how to repeat the run. */
export function seeded(title: string): string {
  return `${title} (FUZZ_SEED=${FUZZ_SEED})`;
}

export function scaled(count: number): number {
  return Math.max(1, Math.round(count * SCALE));
}

/** Checks the property with `runs` inputs, times the scale. */
export function checkProperty<T>(runs: number, inputs: fc.Arbitrary<T>, property: (input: T) => void): void {
  fc.assert(
    fc.property(inputs, (input) => {
      property(input);
    }),
    { seed: FUZZ_SEED, numRuns: scaled(runs) },
  );
}

/**
 * The same for an asynchronous property, beside all `examples`, which come first. `shrinks`: whether
 * a failure is repeated with ever smaller inputs.
 */
export function checkAsyncProperty<T>(
  runs: number,
  inputs: fc.Arbitrary<T>,
  property: (input: T) => Promise<void>,
  { shrinks = true, examples = [] as readonly T[] } = {},
): Promise<void> {
  const options = {
    seed: FUZZ_SEED,
    // The library counts the examples, too.
    numRuns: examples.length + scaled(runs),
    endOnFailure: !shrinks,
    examples: examples.map((example): [T] => [example]),
  };
  return fc.assert(fc.asyncProperty(inputs, property), options);
}
