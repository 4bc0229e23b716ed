import { compareKeys } from './key-order.js';
import { type KeyItem, type KeyPage, type KeyQuery, readPage } from './key-source.js';

export interface GroupRow {
  readonly kind: 'group';
  readonly name: string;
}

export interface EntryRow {
  readonly kind: 'entry';
  readonly name: string;
  readonly item: KeyItem;
}

/** A row of the list: keys with the same beginning, or one key. The name is the prefix or the key. */
export type ListRow = GroupRow | EntryRow;

/** The keys that begin with a prefix, as far as they were read. */
export class KeyNode {
  rows: ListRow[] = [];
  state: 'ready' | 'loading' | 'failed' = 'ready';
  error: unknown;
  /** The groups that are open, in the order of their rows. */
  opened: { index: number; readonly node: KeyNode }[] = [];
  #cursor: string | null | undefined;

  constructor(
    readonly query: KeyQuery,
    private readonly onChange: () => void,
  ) {}

  /** Whether there is more than what was read. */
  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /** Rows to show, with those of open groups, and one for what was not read yet. */
  get length(): number {
    const inside = this.opened.reduce((sum, { node }) => sum + node.length, 0);
    return this.rows.length + inside + (this.hasMore ? 1 : 0);
  }

  /** Reads the next page, unless that is under way or failed. */
  async load(again = false): Promise<void> {
    if (!this.hasMore || this.state === 'loading' || (this.state === 'failed' && !again)) return;
    this.state = 'loading';
    try {
      this.#add(await readPage(this.query, this.#cursor ?? undefined));
      this.state = 'ready';
    } catch (error) {
      this.state = 'failed';
      this.error = error;
    }
    this.onChange();
  }

  #add({ items, prefixes, cursor }: KeyPage): void {
    const rows: ListRow[] = [
      ...items.map((item) => ({ kind: 'entry' as const, name: item.key, item })),
      ...prefixes.map((name) => ({ kind: 'group' as const, name })),
    ];
    rows.sort((a, b) => this.#compare(a.name, b.name));
    for (const row of rows) this.rows.push(row);
    this.#cursor = cursor;
  }

  #compare(a: string, b: string): number {
    return this.query.isReversed ? compareKeys(b, a) : compareKeys(a, b);
  }

  /** Opens a group, or closes it if it is open. */
  toggle(index: number): void {
    const row = this.rows[index];
    if (row?.kind !== 'group') return;
    const at = this.opened.findIndex((one) => one.index === index);
    if (at >= 0) this.opened.splice(at, 1);
    else {
      const node = new KeyNode({ ...this.query, prefix: row.name }, this.onChange);
      this.opened.push({ index, node });
      this.opened.sort((a, b) => a.index - b.index);
      void node.load();
    }
    this.onChange();
  }

  /** Where a row is, or would be. */
  find(name: string): { readonly index: number; readonly isThere: boolean } {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.rows[middle]?.name ?? '', name) < 0) low = middle + 1;
      else high = middle;
    }
    return { index: low, isThere: this.rows[low]?.name === name };
  }

  /** The row that a key belongs to: its own, or that of a group. */
  rowNameOf(key: string): string | undefined {
    const { prefix, separator } = this.query;
    if (!key.startsWith(prefix)) return undefined;
    const end = separator === '' ? -1 : key.indexOf(separator, prefix.length);
    return end < 0 ? key : key.slice(0, end + separator.length);
  }

  /** Adds an entry that was written, or renews what is shown of it. */
  put(item: KeyItem): void {
    const name = this.rowNameOf(item.key);
    if (name === undefined) return;
    const { index, isThere } = this.find(name);
    const isEntry = name === item.key;
    // What is after the last row comes with its page.
    if (!isThere && index === this.rows.length && this.hasMore) return;
    const row: ListRow = isEntry ? { kind: 'entry', name, item } : { kind: 'group', name };
    if (!isThere) this.#splice(index, 0, row);
    else if (isEntry) this.rows[index] = row;
    else this.opened.find((one) => one.index === index)?.node.put(item);
  }

  /** Takes out an entry that was deleted, and its group if that is empty now. */
  remove(key: string): void {
    const name = this.rowNameOf(key);
    if (name === undefined) return;
    const { index, isThere } = this.find(name);
    if (!isThere) return;
    if (name === key) {
      this.#splice(index, 1);
      return;
    }
    const inside = this.opened.find((one) => one.index === index)?.node;
    inside?.remove(key);
    if (inside !== undefined && inside.rows.length === 0 && !inside.hasMore) this.#splice(index, 1);
  }

  removeGroup(prefix: string): void {
    const name = this.rowNameOf(prefix);
    if (name === undefined) return;
    const { index, isThere } = this.find(name);
    if (!isThere) return;
    if (name === prefix) this.#splice(index, 1);
    else this.opened.find((one) => one.index === index)?.node.removeGroup(prefix);
  }

  #splice(index: number, deleted: number, ...added: ListRow[]): void {
    this.rows.splice(index, deleted, ...added);
    this.opened = this.opened.filter((one) => deleted === 0 || one.index !== index);
    for (const one of this.opened) if (one.index >= index) one.index += added.length - deleted;
  }
}
