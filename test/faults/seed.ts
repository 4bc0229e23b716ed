/** `FAULTS_SEED` repeats a run's choices, as far as the machine's timing lets it. */
export const SEED = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);

/** How many times the figures of a short run: `npm run test:soak` sets it. */
export const TIMES = Number(process.env.FAULTS_TIMES ?? 1);

/** Random numbers from 0 to 1 that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const totals = new Map<string, number>();

/** Prints figures below a test's title. */
export function report(figures: Readonly<Record<string, number | string>>): void {
  for (const [name, figure] of Object.entries(figures)) {
    if (typeof figure === 'number' && figure > 0) totals.set(name, (totals.get(name) ?? 0) + figure);
  }
  const text = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`        ${text.join(', ')}; seed ${SEED}`);
}

/** The sums of what was reported. */
export function summary(): string {
  return [...totals].map(([name, figure]) => `${name} ${figure}`).join(', ');
}
