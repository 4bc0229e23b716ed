import { closeSync, openSync } from 'node:fs';

/**
 * Calls `reload` at SIGHUP, also for one that came before `start` was called. If the signal came because the terminal
 * was closed from which the server was started, the server stops instead.
 */
export class HangupSignal {
  readonly #hadTerminal = hasTerminal();
  #isPending = false;
  #reload: (() => void) | undefined;

  constructor() {
    process.on('SIGHUP', () => {
      if (this.#hadTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
      else if (this.#reload === undefined) this.#isPending = true;
      else this.#reload();
    });
  }

  start(reload: () => void): void {
    this.#reload = reload;
    if (this.#isPending) reload();
  }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
