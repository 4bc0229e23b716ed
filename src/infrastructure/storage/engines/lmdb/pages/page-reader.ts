import { CorruptFileError, type Header, PAGE_HEADER, readAt, readNumber } from './file-header.js';

export const BRANCH = 0x01;
export const LEAF = 0x02;
const OVERFLOW = 0x04;
const NODE_HEADER = 8;
/** Bytes in a node whose value is on pages of its own: their first number, a transaction, their count. */
const OVERFLOW_REFERENCE = 24;
const ON_OVERFLOW_PAGES = 0x01;

/** Called before the pages of a value are read, so that their numbers are checked. */
export type Claim = (first: number, count: number) => void;

/** Reads pages of an LMDB file, and the nodes in them, without trusting a byte. Throws `CorruptFileError`. */
export class PageReader {
  readonly #fd: number;
  readonly #header: Pick<Header, 'pageSize' | 'transaction'>;
  readonly #pages: Buffer[] = [];
  #overflow = Buffer.alloc(0);

  constructor(fd: number, header: Pick<Header, 'pageSize' | 'transaction'>) {
    this.#fd = fd;
    this.#header = header;
  }

  /** A page, in a buffer that the next page of the same `depth` overwrites. */
  page(number: number, depth: number): Buffer {
    this.#pages[depth] ??= Buffer.alloc(this.#header.pageSize);
    const page = this.#pages[depth];
    this.#fill(page, number);
    return page;
  }

  /** The offsets of a page's nodes, each inside the page and all together exactly as large as the page says. */
  nodes(page: Buffer, number: number, isLeaf: boolean): number[] {
    const end = this.#header.pageSize;
    const lower = PAGE_HEADER + page.readUInt16LE(20);
    const upper = PAGE_HEADER + page.readUInt16LE(22);
    const offsets: number[] = [];
    let room = end - upper;
    for (let pointer = PAGE_HEADER; pointer < lower && lower <= upper && upper <= end; pointer += 2) {
      const at = PAGE_HEADER + page.readUInt16LE(pointer);
      const size = at < upper ? undefined : nodeSize(page, at, isLeaf);
      if (size === undefined) break;
      room -= size + (size & 1);
      offsets.push(at);
    }
    if (room !== 0 || offsets.length * 2 !== lower - PAGE_HEADER)
      throw new CorruptFileError(`page ${number} is not consistent`);
    return offsets;
  }

  /** The value of a node of a leaf page, valid until the next call. */
  value(page: Buffer, at: number, claim: Claim): Buffer {
    const start = at + NODE_HEADER + page.readUInt16LE(at + 6);
    const size = page.readUInt32LE(at);
    if (!isOnOverflowPages(page, at)) return page.subarray(start, start + size);
    const first = readNumber(page, start);
    const count = readNumber(page, start + 16);
    if (count * this.#header.pageSize < PAGE_HEADER + size)
      throw new CorruptFileError(`page ${first} is too short for its value`);
    claim(first, count);
    if (this.#overflow.length < PAGE_HEADER + size) this.#overflow = Buffer.alloc((PAGE_HEADER + size) * 2);
    const bytes = this.#overflow.subarray(0, PAGE_HEADER + size);
    this.#fill(bytes, first);
    if (bytes.readUInt16LE(18) !== OVERFLOW || bytes.readUInt32LE(20) !== count) {
      throw new CorruptFileError(`page ${first} is of the wrong kind`);
    }
    return bytes.subarray(PAGE_HEADER);
  }

  #fill(bytes: Buffer, number: number): void {
    if (readAt(this.#fd, bytes, number * this.#header.pageSize) < bytes.length) {
      throw new CorruptFileError(`the file ends before page ${number}`);
    }
    if (readNumber(bytes, 0) !== number) throw new CorruptFileError(`page ${number} says that it is another`);
    // LMDB takes a page of a later transaction for its own, unwritten one.
    if (readNumber(bytes, 8) > this.#header.transaction)
      throw new CorruptFileError(`page ${number} is from the future`);
  }
}

export function kindOf(page: Buffer): number {
  return page.readUInt16LE(18);
}

export function keyAt(page: Buffer, at: number): Buffer {
  return page.subarray(at + NODE_HEADER, at + NODE_HEADER + page.readUInt16LE(at + 6));
}

export function flagsAt(page: Buffer, at: number): number {
  return page.readUInt16LE(at + 4);
}

/** The page below a node of a branch page. */
export function childAt(page: Buffer, at: number): number {
  return page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 0x1_0000_0000;
}

/** The offsets of what may be nodes of a damaged leaf page; none if it does not say where they are. */
export function possibleNodes(page: Buffer): number[] {
  const lower = PAGE_HEADER + page.readUInt16LE(20);
  const upper = PAGE_HEADER + page.readUInt16LE(22);
  const offsets: number[] = [];
  for (let pointer = PAGE_HEADER; pointer + 2 <= lower && lower <= upper && upper <= page.length; pointer += 2) {
    const at = PAGE_HEADER + page.readUInt16LE(pointer);
    if (at >= upper && nodeSize(page, at, true) !== undefined) offsets.push(at);
  }
  return offsets;
}

/** Undefined if the node is not inside the page. */
function nodeSize(page: Buffer, at: number, isLeaf: boolean): number | undefined {
  if (at + NODE_HEADER > page.length) return undefined;
  const size = NODE_HEADER + page.readUInt16LE(at + 6) + (isLeaf ? dataSize(page, at) : 0);
  return at + size > page.length ? undefined : size;
}

function dataSize(page: Buffer, at: number): number {
  return isOnOverflowPages(page, at) ? OVERFLOW_REFERENCE : page.readUInt32LE(at);
}

function isOnOverflowPages(page: Buffer, at: number): boolean {
  return (flagsAt(page, at) & ON_OVERFLOW_PAGES) !== 0;
}
