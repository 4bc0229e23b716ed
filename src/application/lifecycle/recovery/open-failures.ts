/** How soon a project that could not be opened is tried again, in ms. */
const RETRY_DELAY = 2_000;

/** Why projects cannot be used, and whether to try to open them again. */
export class OpenFailures {
  readonly #failures = new Map<string, { readonly reason: string; readonly retryAt: number }>();

  /** The project may be opened again after a moment. */
  add(project: string, reason: string): void {
    this.#failures.set(project, { reason, retryAt: performance.now() + RETRY_DELAY });
  }

  /** The project is opened again by the caller only. */
  addFinal(project: string, reason: string): void {
    this.#failures.set(project, { reason, retryAt: Number.POSITIVE_INFINITY });
  }

  of(project: string): { readonly reason: string; readonly mayRetry: boolean } | undefined {
    const failure = this.#failures.get(project);
    return failure && { reason: failure.reason, mayRetry: performance.now() >= failure.retryAt };
  }

  /** The projects with their reasons. */
  reasons(): readonly (readonly [string, string])[] {
    return [...this.#failures].map(([project, { reason }]) => [project, reason] as const);
  }

  delete(project: string): void {
    this.#failures.delete(project);
  }
}
