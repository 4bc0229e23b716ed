import { signal } from '@preact/signals';
import { KeyNode, type ListRow } from './key-node.js';
import type { KeyItem, KeyQuery } from './key-source.js';

/** A row at its place in the list; without `row` it stands for what was not read yet. */
export interface PlacedRow {
  readonly node: KeyNode;
  readonly index: number;
  readonly depth: number;
  readonly row: ListRow | undefined;
}

/** The keys of a project as groups that open, read page by page. */
export class KeyTree {
  /** Counts changes, for what shows the tree. */
  readonly revision = signal(0);
  /** Counts what was written through the tree. */
  readonly writes = signal(0);
  readonly root: KeyNode;

  constructor(readonly query: KeyQuery) {
    this.root = new KeyNode(query, () => {
      this.revision.value += 1;
    });
  }

  get length(): number {
    return this.root.length;
  }

  /** The row at a position; undefined after the last. */
  at(position: number): PlacedRow | undefined {
    return position < 0 ? undefined : rowIn(this.root, position, 0);
  }

  isOpen({ node, index }: PlacedRow): boolean {
    return node.opened.some((one) => one.index === index);
  }

  /** The position of a row that is shown; -1 if it is not. */
  positionOf(name: string): number {
    return positionIn(this.root, name);
  }

  /** Shows an entry that was written. */
  put(item: KeyItem): void {
    this.root.put(item);
    this.writes.value += 1;
    this.revision.value += 1;
  }

  /** Shows that an entry is gone. */
  remove(key: string): void {
    this.root.remove(key);
    this.writes.value += 1;
    this.revision.value += 1;
  }

  /** Shows what others changed at `time`, in seconds since 1970; without a size an entry is gone. */
  apply(changes: readonly { readonly key: string; readonly sizeBytes: number | undefined }[], time: number): void {
    for (const { key, sizeBytes } of changes) {
      if (sizeBytes === undefined) this.root.remove(key);
      else this.root.put({ key, size_bytes: sizeBytes, updated_at: time });
    }
    this.writes.value += 1;
    this.revision.value += 1;
  }

  removeGroup(prefix: string): void {
    this.root.removeGroup(prefix);
    this.writes.value += 1;
    this.revision.value += 1;
  }
}

function rowIn(node: KeyNode, position: number, depth: number): PlacedRow | undefined {
  let [left, passed] = [position, 0];
  for (const { index, node: inside } of node.opened) {
    const until = index + 1 - passed;
    if (left < until) break;
    left -= until;
    passed = index + 1;
    if (left < inside.length) return rowIn(inside, left, depth + 1);
    left -= inside.length;
  }
  const index = passed + left;
  const row = node.rows[index];
  const isMore = row === undefined && index === node.rows.length && node.hasMore;
  return row === undefined && !isMore ? undefined : { node, index, depth, row };
}

function positionIn(node: KeyNode, name: string): number {
  const rowName = node.rowNameOf(name);
  if (rowName === undefined) return -1;
  const { index, isThere } = node.find(rowName);
  if (!isThere) return -1;
  const before = node.opened.filter((one) => one.index < index).reduce((sum, one) => sum + one.node.length, 0);
  if (rowName === name) return index + before;
  const inside = node.opened.find((one) => one.index === index)?.node;
  const position = inside === undefined ? -1 : positionIn(inside, name);
  return position < 0 ? -1 : index + before + 1 + position;
}
