import type { NodeReport } from './documents.js';

/** When the reports of other nodes changed, by this server's clock: what theirs say does not matter. */
export class SeenReports {
  #seen = new Map<string, { readonly count: number; readonly at: number }>();

  note(reports: readonly NodeReport[]): void {
    const now = performance.now();
    const next = reports.map(({ id, count }) => {
      const before = this.#seen.get(id);
      return [id, before?.count === count ? before : { count, at: now }] as const;
    });
    this.#seen = new Map(next);
  }

  /** Whether this node was in the last reports. */
  has(id: string): boolean {
    return this.#seen.has(id);
  }

  /** For how many ms at least this node has not reported. */
  silentFor(id: string): number {
    const seen = this.#seen.get(id);
    return seen === undefined ? 0 : performance.now() - seen.at;
  }
}
