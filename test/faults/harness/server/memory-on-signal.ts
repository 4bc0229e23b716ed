import { writeSync } from 'node:fs';

/**
 * Loaded into a server by `--import`, with `--expose-gc`: at SIGUSR2 logs the bytes in use after a garbage collection.
 */
process.on('SIGUSR2', () => {
  gc?.();
  // Objects with finalizers need two collections.
  setImmediate(() => {
    gc?.();
    const { heapUsed, external } = process.memoryUsage();
    writeSync(process.stderr.fd, `MEMORY ${heapUsed + external}\n`);
  });
});
