import { CorruptFileError, fileEnd, type Header, INTEGER_KEYS, readNumber, type Tree } from './file-header.js';
import { BRANCH, childAt, flagsAt, keyAt, kindOf, LEAF, PageReader } from './page-reader.js';
import { PageSet } from './page-set.js';

export const MAX_DEPTH = 32;

/** Called with each entry of a tree; both buffers are valid only during the call. `flags` are those of the node. */
export type Visit = (key: Buffer, value: Buffer, flags: number) => void;

/** One tree while it is walked. */
interface Walk {
  readonly tree: Tree;
  readonly visit: Visit;
  readonly compare: (a: Buffer, b: Buffer) => number;
  entries: number;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
}

/**
 * Walks the trees of an LMDB file without LMDB, which trusts every byte and would crash on a wrong one. Throws
 * `CorruptFileError` at the first page that is not what its parent says, is reached twice, or is out of order.
 */
export class PageWalk {
  readonly #reader: PageReader;
  readonly #header: Header;
  /** The pages that are used or free. */
  readonly claimed: PageSet;

  constructor(fd: number, header: Header) {
    this.#reader = new PageReader(fd, header);
    this.#header = header;
    this.claimed = new PageSet(header.lastPage);
  }

  walk(tree: Tree, visit: Visit): void {
    const compare = tree.flags & INTEGER_KEYS ? compareIntegers : Buffer.compare;
    const walk = { tree, visit, compare, entries: 0, branchPages: 0, leafPages: 0, overflowPages: 0 };
    if (tree.depth > MAX_DEPTH) throw new CorruptFileError(`a tree claims a depth of ${tree.depth}`);
    if (tree.root !== undefined) this.#page(walk, tree.root, 1, undefined, undefined);
    for (const count of ['entries', 'branchPages', 'leafPages', 'overflowPages'] as const) {
      if (walk[count] !== tree[count])
        throw new CorruptFileError(`a tree has ${walk[count]} ${count}, not ${tree[count]}`);
    }
  }

  /** Throws if the file ends before a page that was not claimed. Inside the file such a page is only wasted space. */
  finish(size: number): void {
    const missing = this.#header.lastPage - 1 - this.claimed.size;
    if (missing > 0 && fileEnd(this.#header) > size) throw new CorruptFileError(`${missing} pages are missing`);
  }

  /** A page and all below it; its keys are at least `low` and less than `high`. */
  #page(walk: Walk, number: number, depth: number, low: Buffer | undefined, high: Buffer | undefined): void {
    this.claimed.claim(number, 1);
    const page = this.#reader.page(number, depth);
    const isLeaf = depth === walk.tree.depth;
    if (kindOf(page) !== (isLeaf ? LEAF : BRANCH)) throw new CorruptFileError(`page ${number} is of the wrong kind`);
    const nodes = this.#reader.nodes(page, number, isLeaf);
    if (nodes.length < (isLeaf ? 1 : 2)) throw new CorruptFileError(`page ${number} has too few entries`);
    const keys = nodes.map((at) => keyAt(page, at));
    // The first key of a branch page covers everything below the second, whatever its bytes are.
    checkOrder(walk, isLeaf ? keys : keys.slice(1), low, high, number);
    if (isLeaf) {
      walk.entries += nodes.length;
      walk.leafPages++;
      nodes.forEach((at, i) => {
        walk.visit(keys[i] as Buffer, this.#value(walk, page, at), flagsAt(page, at));
      });
      return;
    }
    walk.branchPages++;
    nodes.forEach((at, i) => {
      this.#page(walk, childAt(page, at), depth + 1, i === 0 ? low : keys[i], keys[i + 1] ?? high);
    });
  }

  #value(walk: Walk, page: Buffer, at: number): Buffer {
    return this.#reader.value(page, at, (first, count) => {
      this.claimed.claim(first, count);
      walk.overflowPages += count;
    });
  }
}

function checkOrder(
  walk: Walk,
  keys: readonly Buffer[],
  low: Buffer | undefined,
  high: Buffer | undefined,
  page: number,
) {
  let before = low;
  keys.forEach((key, i) => {
    const order = before === undefined ? 1 : walk.compare(key, before);
    if (order < 0 || (order === 0 && i > 0)) throw new CorruptFileError(`page ${page} is out of order`);
    before = key;
  });
  if (high !== undefined && before !== undefined && walk.compare(before, high) >= 0) {
    throw new CorruptFileError(`page ${page} is out of order`);
  }
}

function compareIntegers(a: Buffer, b: Buffer): number {
  if (a.length !== 8 || b.length !== 8) throw new CorruptFileError('the list of free pages has a wrong key');
  return readNumber(a, 0) - readNumber(b, 0);
}
