import { onEveryEngine } from '../../../harness/on-every-engine.js';
import { ModelRun } from './model-run.js';

/** `npm run test:model` takes 10,000; MODEL_SEED repeats a run. */
const STEPS = Number(process.env.MODEL_STEPS ?? 1000);
const SEED = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RESTART_EVERY = 500;

onEveryEngine('A project over HTTP', (on) => {
  it(`responds to ${STEPS} random requests as a simple model does`, async function () {
    this.timeout(20_000 + STEPS * 20);
    const run = new ModelRun(await on.project(), on.clock, SEED);
    for (let step = 0; step < STEPS; step++) {
      try {
        await run.step();
        if (on.durable && step % RESTART_EVERY === RESTART_EVERY - 1) await on.server.restart();
      } catch (error) {
        throw new Error(`step ${step} of MODEL_SEED=${SEED}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
});
