/** Keys from `low` on and before `high`; undefined is no bound. */
export interface KeyRange {
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

/** What could not be read of a damaged file, in words. Pages that follow one another are listed together. */
export class LostKeys {
  readonly #lines: string[] = [];
  #pages: (KeyRange & { count: number }) | undefined;

  /** A page with entries. */
  page({ low, high }: KeyRange): void {
    const before = this.#pages;
    if (before?.high !== undefined && low !== undefined && before.high.equals(low)) {
      this.#pages = { low: before.low, high, count: before.count + 1 };
      return;
    }
    this.#endPages();
    this.#pages = { low, high, count: 1 };
  }

  /** One entry. */
  key(key: Buffer): void {
    this.#endPages();
    this.#lines.push(`key ${quoted(key)}: it is damaged`);
  }

  /** A page that led to others, whose entries were looked for in the whole file. */
  searched(range: KeyRange, why: string): void {
    this.#endPages();
    this.#lines.push(`${why}: ${keysOf(range)} were looked for in the whole file`);
  }

  lines(): readonly string[] {
    this.#endPages();
    return this.#lines;
  }

  #endPages(): void {
    if (this.#pages === undefined) return;
    const { count } = this.#pages;
    this.#lines.push(`${count === 1 ? 'a page' : `${count} pages`} with ${keysOf(this.#pages)}`);
    this.#pages = undefined;
  }
}

function keysOf({ low, high }: KeyRange): string {
  if (low === undefined && high === undefined) return 'all keys';
  if (low === undefined) return `the keys before ${quoted(high as Buffer)}`;
  return `the keys from ${quoted(low)}${high === undefined ? ' on' : ` to before ${quoted(high)}`}`;
}

function quoted(key: Buffer): string {
  return JSON.stringify(key.toString());
}
