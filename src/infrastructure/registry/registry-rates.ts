import type { RateKind, RatesElsewhere, RateUse } from '../../application/ports/registry/rates-elsewhere.js';
import type { NodeReport, ReportedRates } from './documents.js';

/** What one server has reported: the counts of its windows, with their ends by the clock of this one. */
interface Reported {
  readonly report: number;
  readonly windows: ReadonlyMap<string, { readonly count: number; readonly until: number }>;
}

/** Rates that servers count together: their reports to the registry have what each has counted. */
export class RegistryRates implements RatesElsewhere {
  readonly #own = new Map<RateKind, () => ReadonlyMap<string, RateUse>>();
  #others: ReadonlyMap<string, Reported> = new Map();

  of(kind: RateKind, name: string): RateUse | undefined {
    const now = performance.now();
    let [count, endsIn] = [0, 0];
    for (const { windows } of this.#others.values()) {
      const window = windows.get(`${kind} ${name}`);
      if (window === undefined || window.until <= now) continue;
      count += window.count;
      endsIn = Math.max(endsIn, window.until - now);
    }
    return count === 0 ? undefined : { count, endsIn };
  }

  report(kind: RateKind, used: () => ReadonlyMap<string, RateUse>): void {
    this.#own.set(kind, used);
  }

  /** For a report of this server; undefined if nothing was counted. */
  counted(): ReportedRates | undefined {
    const all = [...this.#own].flatMap(([kind, used]) =>
      [...used()].map(([name, { count, endsIn }]) => [`${kind} ${name}`, [count, Math.ceil(endsIn)]] as const),
    );
    return all.length === 0 ? undefined : Object.fromEntries(all);
  }

  /** Call it with the last reports of the other servers. */
  note(reports: readonly NodeReport[]): void {
    const now = performance.now();
    const before = this.#others;
    const others = reports.map(({ id, count: report, rates = {} }): readonly [string, Reported] => {
      const known = before.get(id);
      if (known?.report === report) return [id, known];
      const windows = Object.entries(rates).map(([name, [count, endsIn]]) => [name, { count, until: now + endsIn }]);
      return [id, { report, windows: new Map(windows as never) }];
    });
    this.#others = new Map(others);
  }
}
