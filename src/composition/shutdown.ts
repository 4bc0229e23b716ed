import type { Logger } from '../application/ports/logger.js';
import { exitProcess } from './exit-process.js';

/** The exit code of a server whose stores hang, for its supervisor. */
export const GAVE_UP = 75;
/** How long a stop may take in all, in ms. */
const LONGEST_STOP = 4_400;

/** Stops in good order at SIGTERM and SIGINT, and at once at a second one. */
export function stopOnSignals(stop: () => Promise<void>, log: Logger): void {
  let stopping = false;
  const onSignal = (signal: string) => {
    if (stopping) exitProcess(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({}, `The stores do not close; giving up with exit code ${GAVE_UP}`);
      exitProcess(GAVE_UP);
    }, LONGEST_STOP).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the server could not stop in good order');
        exitProcess(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
