/** The commits of a wrapper that have not ended; it waits for them before it closes its store. */
export class RunningCommits {
  readonly #running = new Set<Promise<boolean>>();

  track(commit: Promise<boolean>): Promise<boolean> {
    this.#running.add(commit);
    const ended = () => this.#running.delete(commit);
    commit.then(ended, ended);
    return commit;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
