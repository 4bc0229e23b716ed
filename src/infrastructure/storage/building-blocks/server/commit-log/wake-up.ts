/** Pauses that a signal ends early, or news that came since something was looked at. */
export class WakeUp {
  readonly #waiting = new Set<() => void>();
  #count = 0;

  /** How often there were news. */
  get count(): number {
    return this.#count;
  }

  wake(): void {
    this.#count += 1;
    for (const end of [...this.#waiting]) end();
  }

  /** `seen` is `count` from before it was looked for news. */
  async pause(ms: number, signal: AbortSignal, seen: number): Promise<void> {
    if (signal.aborted || this.#count !== seen) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#waiting.add(end);
      signal.addEventListener('abort', end);
    });
  }
}
