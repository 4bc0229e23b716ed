import { type Environment, rewriteOlderMetaPage } from '../environment/environment.js';
import { takePages, UPGRADE_PAGES } from './file-room.js';

/** Brings LMDB back after a transaction failed, while its store stays open. */
export class EnvironmentRecovery {
  /** Whether both meta pages are as LMDB wrote them. */
  #isSettled = true;

  constructor(
    private readonly env: Environment,
    /** Checks the files, as before they are opened. */
    private readonly checkFiles: () => Promise<unknown>,
  ) {}

  /** Does nothing if no transaction failed. Reads go on meanwhile, and wait for the moment in which LMDB is opened. */
  async reopenIfFailed(): Promise<void> {
    if (!this.env.hasFailed) return;
    // LMDB is closed only if the disk takes writes again: it might not be possible to open it now.
    if (this.env.isReadable) await takePages(this.env, UPGRADE_PAGES);
    await this.reopen();
  }

  async reopen(): Promise<void> {
    this.#isSettled = false;
    await this.checkFiles();
    await this.env.reopen();
  }

  /** Before anything else is written. */
  async settle(): Promise<void> {
    if (this.#isSettled) return;
    await takePages(this.env, UPGRADE_PAGES);
    await rewriteOlderMetaPage(this.env);
    this.#isSettled = true;
  }
}
