import { spawn } from 'node:child_process';
import type { Logger } from '../application/ports/logger.js';

/** The exit code of a server with a store that hangs. */
export const EXIT_HANGS = 75;
/** The longest time for a whole stop, in ms. */
const STOP_TIMEOUT = 4_400;
/** How often it is checked whether npm still runs, in ms. */
const NPM_INTERVAL = 500;

/**
 * Stops gracefully at SIGTERM and SIGINT, or if `npm start` ended. A second signal ends `drain`, or the process if that
 * is over.
 */
export function stopOnSignals(
  drain: (end: AbortSignal) => Promise<void>,
  stop: () => Promise<void>,
  log: Logger,
): void {
  const draining = new AbortController();
  let stopping = false;
  let drained = false;
  const onSignal = async (signal: string) => {
    if (drained) exitProcess(1);
    if (stopping) return draining.abort();
    stopping = true;
    log.info({ signal }, 'stopping');
    await drain(draining.signal);
    drained = true;
    setTimeout(() => {
      log.error({}, `The stores do not close; giving up with exit code ${EXIT_HANGS}`);
      exitProcess(EXIT_HANGS);
    }, STOP_TIMEOUT).unref();
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
  onEndOfNpm(() => stopping || onSignal('end of npm'));
}

/** npm passes on SIGTERM and SIGINT; a server that it started must not outlive it after any other signal either. */
function onEndOfNpm(stop: () => void): void {
  const { npm_lifecycle_event: script, npm_package_name: name } = process.env;
  if (script !== 'start' || name !== 'portkv') return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) stop();
  }, NPM_INTERVAL).unref();
}

/**
 * Ends this process in any case: a failed disk under LMDB can make `process.exit` wait for ever, so another process
 * kills this one half a second later.
 */
export function exitProcess(code: number): never {
  const killer = spawn('/bin/sh', ['-c', `sleep 0.5; kill -9 ${process.pid}`], { detached: true, stdio: 'ignore' });
  killer.on('error', () => undefined).unref();
  process.exit(code);
}
