import { type Environment, rewriteOlderMetaPage } from '../environment/environment.js';
import { takePages, UPGRADE_PAGES } from './file-room.js';

/** Brings LMDB back after a transaction failed, while its store stays open. */
export class EnvironmentRecovery {
  /** Whether both meta pages are as LMDB wrote them. */
  #isSettled = true;
  /** Whether the files were checked since LMDB was open. */
  #isChecked = false;

  constructor(
    private readonly env: Environment,
    /** Checks the files, as before they are opened. */
    private readonly checkFiles: (signal: AbortSignal) => Promise<unknown>,
  ) {}

  /**
   * Rejects if a transaction failed and the disk does not take writes again: LMDB is left open then, since it might not
   * be possible to open it now. Does nothing if no transaction failed.
   */
  async probe(): Promise<void> {
    if (this.env.hasFailed && this.env.isReadable) await takePages(this.env, UPGRADE_PAGES);
  }

  /** Does nothing if no transaction failed. Reads go on meanwhile, and wait for the moment in which LMDB is opened. */
  async reopenIfFailed(signal: AbortSignal): Promise<void> {
    if (this.env.hasFailed) await this.reopen(signal);
  }

  /** Rejects when the signal is aborted. */
  async reopen(signal: AbortSignal): Promise<void> {
    this.#isSettled = false;
    if (!this.#isChecked) await this.checkFiles(signal);
    this.#isChecked = true;
    await this.env.reopen();
    this.#isChecked = false;
  }

  /** Before anything else is written. */
  async settle(): Promise<void> {
    if (this.#isSettled) return;
    await takePages(this.env, UPGRADE_PAGES);
    await rewriteOlderMetaPage(this.env);
    this.#isSettled = true;
  }
}
