import { writeSync } from 'node:fs';

/** Loaded into a server by `--import`, with `--expose-gc`: at SIGUSR2 it logs how many bytes are in use once all garbage is collected. */
process.on('SIGUSR2', () => {
  gc?.();
  // What has finalizers goes in two steps.
  setImmediate(() => {
    gc?.();
    const { heapUsed, external } = process.memoryUsage();
    writeSync(process.stderr.fd, `MEMORY ${heapUsed + external}\n`);
  });
});
