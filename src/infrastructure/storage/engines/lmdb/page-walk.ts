import { readSync } from 'node:fs';
import {
  CorruptFileError,
  fileEnd,
  type Header,
  INTEGER_KEYS,
  PAGE_HEADER,
  readNumber,
  type Tree,
} from './file-header.js';

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const NODE_HEADER = 8;
/** Bytes in a node whose value is on pages of its own: their first number, a transaction, their count. */
const OVERFLOW_REFERENCE = 24;
const ON_OVERFLOW_PAGES = 0x01;
const MAX_DEPTH = 32;

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
  readonly #fd: number;
  readonly #header: Header;
  readonly #reached: Uint8Array;
  readonly #pages: Buffer[] = [];
  #overflow = Buffer.alloc(0);
  #claimed = 0;

  constructor(fd: number, header: Header) {
    this.#fd = fd;
    this.#header = header;
    this.#reached = new Uint8Array(Math.ceil((header.lastPage + 1) / 8));
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
    const missing = this.#header.lastPage - 1 - this.#claimed;
    if (missing > 0 && fileEnd(this.#header) > size) throw new CorruptFileError(`${missing} pages are missing`);
  }

  /** Marks `count` pages as used or free. */
  claim(page: number, count: number): void {
    if (page < 2 || page + count - 1 > this.#header.lastPage) throw new CorruptFileError(`page ${page} does not exist`);
    for (let p = page; p < page + count; p++) {
      const bit = 1 << (p & 7);
      const seen = this.#reached[Math.floor(p / 8)] ?? 0;
      if (seen & bit) throw new CorruptFileError(`page ${p} is used twice`);
      this.#reached[Math.floor(p / 8)] = seen | bit;
    }
    this.#claimed += count;
  }

  /** A page and all below it; its keys are at least `low` and less than `high`. */
  #page(walk: Walk, number: number, depth: number, low: Buffer | undefined, high: Buffer | undefined): void {
    this.claim(number, 1);
    const page = this.#read(number, depth);
    const isLeaf = depth === walk.tree.depth;
    if (page.readUInt16LE(18) !== (isLeaf ? LEAF : BRANCH))
      throw new CorruptFileError(`page ${number} is of the wrong kind`);
    const nodes = this.#nodes(page, number, isLeaf);
    if (nodes.length < (isLeaf ? 1 : 2)) throw new CorruptFileError(`page ${number} has too few entries`);
    const keys = nodes.map((at) => page.subarray(at + NODE_HEADER, at + NODE_HEADER + page.readUInt16LE(at + 6)));
    // The first key of a branch page covers everything below the second, whatever its bytes are.
    checkOrder(walk, isLeaf ? keys : keys.slice(1), low, high, number);
    if (isLeaf) {
      walk.entries += nodes.length;
      walk.leafPages++;
      nodes.forEach((at, i) => {
        walk.visit(keys[i] as Buffer, this.#value(walk, page, at), page.readUInt16LE(at + 4));
      });
      return;
    }
    walk.branchPages++;
    nodes.forEach((at, i) => {
      const child = page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 0x1_0000_0000;
      this.#page(walk, child, depth + 1, i === 0 ? low : keys[i], keys[i + 1] ?? high);
    });
  }

  /** The offsets of a page's nodes, each inside the page and all together exactly as large as the page says. */
  #nodes(page: Buffer, number: number, isLeaf: boolean): number[] {
    const end = this.#header.pageSize;
    const lower = PAGE_HEADER + page.readUInt16LE(20);
    const upper = PAGE_HEADER + page.readUInt16LE(22);
    const offsets: number[] = [];
    let room = end - upper;
    for (let pointer = PAGE_HEADER; pointer < lower && lower <= upper && upper <= end; pointer += 2) {
      const at = PAGE_HEADER + page.readUInt16LE(pointer);
      if (at < upper || at + NODE_HEADER > end) break;
      const size = NODE_HEADER + page.readUInt16LE(at + 6) + (isLeaf ? dataSize(page, at) : 0);
      if (at + size > end) break;
      room -= size + (size & 1);
      offsets.push(at);
    }
    if (room !== 0 || offsets.length * 2 !== lower - PAGE_HEADER)
      throw new CorruptFileError(`page ${number} is not consistent`);
    return offsets;
  }

  #value(walk: Walk, page: Buffer, at: number): Buffer {
    const start = at + NODE_HEADER + page.readUInt16LE(at + 6);
    const size = page.readUInt32LE(at);
    if ((page.readUInt16LE(at + 4) & ON_OVERFLOW_PAGES) === 0) return page.subarray(start, start + size);
    const first = readNumber(page, start);
    const count = readNumber(page, start + 16);
    if (count * this.#header.pageSize < PAGE_HEADER + size)
      throw new CorruptFileError(`page ${first} is too short for its value`);
    this.claim(first, count);
    walk.overflowPages += count;
    if (this.#overflow.length < PAGE_HEADER + size) this.#overflow = Buffer.alloc((PAGE_HEADER + size) * 2);
    const bytes = this.#overflow.subarray(0, PAGE_HEADER + size);
    this.#fill(bytes, first);
    if (bytes.readUInt16LE(18) !== OVERFLOW || bytes.readUInt32LE(20) !== count) {
      throw new CorruptFileError(`page ${first} is of the wrong kind`);
    }
    return bytes.subarray(PAGE_HEADER);
  }

  #read(number: number, depth: number): Buffer {
    this.#pages[depth] ??= Buffer.alloc(this.#header.pageSize);
    const page = this.#pages[depth];
    this.#fill(page, number);
    return page;
  }

  #fill(bytes: Buffer, number: number): void {
    if (readSync(this.#fd, bytes, 0, bytes.length, number * this.#header.pageSize) < bytes.length) {
      throw new CorruptFileError(`the file ends before page ${number}`);
    }
    if (readNumber(bytes, 0) !== number) throw new CorruptFileError(`page ${number} says that it is another`);
    // LMDB takes a page of a later transaction for its own, unwritten one.
    if (readNumber(bytes, 8) > this.#header.transaction)
      throw new CorruptFileError(`page ${number} is from the future`);
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

function dataSize(page: Buffer, at: number): number {
  return page.readUInt16LE(at + 4) & ON_OVERFLOW_PAGES ? OVERFLOW_REFERENCE : page.readUInt32LE(at);
}

function compareIntegers(a: Buffer, b: Buffer): number {
  if (a.length !== 8 || b.length !== 8) throw new CorruptFileError('the list of free pages has a wrong key');
  return readNumber(a, 0) - readNumber(b, 0);
}
