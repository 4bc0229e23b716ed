import { CorruptFileError, type Tree } from './file-header.js';
import { type FoundTrees, unlessCorrupt } from './find-trees.js';
import { type KeyRange, LostKeys } from './lost-keys.js';
import { BRANCH, childAt, keyAt, kindOf, LEAF, PageReader, possibleNodes } from './page-reader.js';
import { PageSet } from './page-set.js';
import { MAX_DEPTH } from './page-walk.js';

/** A key and its record; both buffers are valid until the next one is asked for. */
export interface FoundRecord {
  readonly key: Buffer;
  readonly record: Buffer;
}

const ALL: KeyRange = { low: undefined, high: undefined };

/**
 * Reads what a damaged file still holds. It follows the tree of the entries, around pages that are damaged. Below a
 * damaged page that led to others it looks for the keys in all pages that are not in use elsewhere and not free. If the
 * list of free pages is lost as well, entries that were replaced or deleted are among them: see `isExact`.
 */
export class Salvage {
  readonly lost = new LostKeys();
  readonly #reader: PageReader;
  readonly #found: FoundTrees;
  readonly #isIntact: (key: Buffer, record: Buffer) => boolean;
  readonly #used: PageSet;
  readonly #searched: KeyRange[] = [];
  #free: PageSet | undefined;
  #isExact = true;

  /** `isIntact` returns whether a record is as it was written. */
  constructor(fd: number, found: FoundTrees, isIntact: (key: Buffer, record: Buffer) => boolean) {
    this.#reader = new PageReader(fd, found);
    this.#found = found;
    this.#isIntact = isIntact;
    this.#used = new PageSet(found.lastPage);
    this.#free = found.free;
  }

  /** Whether only entries were found that the last commit left. */
  get isExact(): boolean {
    if (this.#searched.length === 0) return this.#isExact;
    return this.#isExact && this.#found.isLatest && this.#free !== undefined;
  }

  /** Every record that is intact. A key may come more than once: its newest version is the right one. */
  *records(): Generator<FoundRecord> {
    const { trees, isLatest } = this.#found;
    if (trees !== undefined) yield* this.tree(trees.entries);
    if (trees === undefined || !isLatest) this.#search(ALL, 'the page that lists the trees is damaged');
    if (this.#searched.length > 0) yield* this.#searchedRecords();
  }

  /** The intact records of one tree. */
  *tree(tree: Tree): Generator<FoundRecord> {
    if (tree.root !== undefined) yield* this.#below(tree, tree.root, 1, ALL);
  }

  *#below(tree: Tree, number: number, depth: number, range: KeyRange): Generator<FoundRecord> {
    const page = this.#claim(tree, number, depth, range);
    if (page === undefined) return;
    const isLeaf = kindOf(page) === LEAF || (kindOf(page) !== BRANCH && depth >= tree.depth);
    const nodes = depth > MAX_DEPTH ? undefined : unlessCorrupt(() => this.#nodes(page, number, isLeaf));
    if (nodes !== undefined && !this.#isInPlace(page, number, isLeaf ? nodes : nodes.slice(1), range)) return;
    if (isLeaf) return yield* this.#leaf(page, nodes, range);
    if (nodes === undefined) return this.#search(range, `page ${number} is damaged`);
    // Copied, since they are kept longer than the page.
    const children = nodes.map((at) => ({ number: childAt(page, at), key: Buffer.from(keyAt(page, at)) }));
    for (const [i, child] of children.entries()) {
      const low = i === 0 ? range.low : child.key;
      yield* this.#below(tree, child.number, depth + 1, { low, high: children[i + 1]?.key ?? range.high });
    }
  }

  /** Whether a page is in use at all. If it has other keys than it should, those are looked for elsewhere, too. */
  #isInPlace(page: Buffer, number: number, nodes: readonly number[], range: KeyRange): boolean {
    const isInRange = nodes.every((at) => includes(range, keyAt(page, at)));
    if (!isInRange) this.#search(range, `page ${number} has other keys`);
    if (!this.#free?.has(number)) return true;
    if (isInRange) [this.#free, this.#isExact] = [undefined, false];
    return isInRange;
  }

  /** A page that is used now; undefined, after noting what is lost, if it is not the one that it should be. */
  #claim(tree: Tree, number: number, depth: number, range: KeyRange): Buffer | undefined {
    try {
      this.#used.claim(number, 1);
    } catch (error) {
      this.#search(range, (error as Error).message);
      return undefined;
    }
    const page = unlessCorrupt(() => this.#reader.page(number, depth));
    if (page === undefined && depth < tree.depth) this.#search(range, `page ${number} is damaged`);
    else if (page === undefined) this.lost.page(range);
    return page;
  }

  *#leaf(page: Buffer, nodes: readonly number[] | undefined, range: KeyRange): Generator<FoundRecord> {
    if (nodes === undefined) this.lost.page(range);
    for (const at of nodes ?? possibleNodes(page)) {
      const found = this.#record(page, at);
      if (found !== undefined) yield found;
      else if (nodes !== undefined) this.lost.key(keyAt(page, at));
    }
  }

  /** The nodes of a page that is consistent; those of a branch page lead to keys that are in order. */
  #nodes(page: Buffer, number: number, isLeaf: boolean): number[] {
    const nodes = this.#reader.nodes(page, number, isLeaf);
    const keys = isLeaf ? [] : nodes.slice(1).map((at) => keyAt(page, at));
    const isOrdered = keys.every((key, i) => i === 0 || Buffer.compare(keys[i - 1] as Buffer, key) < 0);
    if (!isOrdered) throw new CorruptFileError(`page ${number} is out of order`);
    return nodes;
  }

  #record(page: Buffer, at: number): FoundRecord | undefined {
    let run: [number, number] | undefined;
    const record = unlessCorrupt(() =>
      this.#reader.value(page, at, (first, count) => {
        if (first < 2 || first + count - 1 > this.#found.lastPage) throw new CorruptFileError('no such page');
        run = [first, count];
      }),
    );
    const key = keyAt(page, at);
    if (record === undefined || !this.#isIntact(key, record)) return undefined;
    if (run !== undefined && !this.#used.has(run[0]))
      unlessCorrupt(() => this.#used.claim(...(run as [number, number])));
    return { key, record };
  }

  #search(range: KeyRange, why: string): void {
    this.#searched.push(range);
    this.lost.searched(range, why);
  }

  /** Records in the ranges to be searched, on pages that no tree led to. */
  *#searchedRecords(): Generator<FoundRecord> {
    // The first time, pages are marked that belong to long values: what looks like a page in there is not one.
    for (const _ of this.#unusedRecords());
    yield* this.#unusedRecords();
  }

  *#unusedRecords(): Generator<FoundRecord> {
    for (let number = 2; number <= this.#found.lastPage; number++) {
      if (this.#used.has(number) || this.#free?.has(number)) continue;
      const page = unlessCorrupt(() => this.#reader.page(number, 0));
      if (page === undefined || kindOf(page) !== LEAF) continue;
      for (const at of unlessCorrupt(() => this.#reader.nodes(page, number, true)) ?? possibleNodes(page)) {
        const found = this.#record(page, at);
        if (found !== undefined && this.#searched.some((range) => includes(range, found.key))) yield found;
      }
    }
  }
}

function includes({ low, high }: KeyRange, key: Buffer): boolean {
  return (low === undefined || Buffer.compare(key, low) >= 0) && (high === undefined || Buffer.compare(key, high) < 0);
}
