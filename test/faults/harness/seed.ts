import { appendFileSync } from 'node:fs';

/** `FAULTS_SEED` repeats the choices of a run, as far as the timing of the machine allows. */
export const SEED = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);

/** The length of the run as a part of an hour; 0 is the short run of a build. `npm run test:soak` sets it. */
export const SOAK = Number(process.env.FAULTS_SOAK ?? 0);

/** The part of the short run that is made; less than 1 in `.ci/run`, so that all suites take less than an hour. */
const SCALE = Number(process.env.FAULTS_SCALE ?? 1);

/** An amount: `short` in a build, the part SOAK of `hour` in a long run, but never less than in a build. */
export function amount(short: number, hour: number): number {
  return Math.max(Math.ceil(SCALE * short), Math.round(SOAK * hour));
}

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

/** Prints figures under the title of a test, and keeps the numbers for the sums that `reporter.ts` prints. */
export function report(figures: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`        ${text.join(', ')}; seed ${SEED}`);
  if (process.env.FAULTS_FIGURES !== undefined) {
    appendFileSync(process.env.FAULTS_FIGURES, `${JSON.stringify(figures)}\n`);
  }
}
