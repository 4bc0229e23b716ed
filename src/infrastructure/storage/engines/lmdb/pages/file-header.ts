import { readSync } from 'node:fs';

/**
 * Offsets in a page of LMDB's data format 2, 64 bit, little-endian: the page header, then the meta record or the nodes.
 */
export const PAGE_HEADER = 24;
/** Flag of a tree whose keys are 64-bit numbers: that of free pages. */
export const INTEGER_KEYS = 0x08;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META_PAGE = 0x08;
const META_END = 168;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** More than any address space. */
const MAX_MAP_BYTES = 2 ** 46;
/** More than one transaction would allocate and free again. */
export const MAX_UNWRITTEN = 2 ** 30;

/** One B-tree as the file describes it. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** Its page number; undefined if the tree is empty. */
  readonly root: number | undefined;
}

/** What a meta page says of the file. */
export interface Header {
  readonly pageSize: number;
  readonly lastPage: number;
  /** The number of the transaction that wrote it. No page is newer. */
  readonly transaction: number;
  readonly free: Tree;
  readonly main: Tree;
}

/** Why a file cannot be used; the message follows the name of the file. */
export class CorruptFileError extends Error {}

/**
 * Reads both meta pages of an open data file of `size` bytes and returns the newer one. Throws `CorruptFileError` on
 * what LMDB would not survive, and on a meta page that claims to be older or newer than it is, which would bring back
 * an earlier state.
 *
 * Unless the file was `closed`, LMDB may have failed to write the older one. It then puts the former number back into
 * it, with the new trees beside it: that page describes nothing, and the other one is good. In a closed file that is
 * damage.
 */
export function readHeader(fd: number, size: number, closed = true): Header {
  if (size === 0) throw new CorruptFileError('the file is empty');
  const first = readMeta(fd, 0);
  const second = readMeta(fd, first.pageSize);
  const [older, newer] = first.transaction < second.transaction ? [first, second] : [second, first];
  checkRoot(fd, newer);
  if (closed) checkRoot(fd, older);
  if (first.transaction % 2 !== 0 || Math.abs(first.transaction - second.transaction) !== 1) {
    throw new CorruptFileError(
      `the meta pages of transactions ${first.transaction} and ${second.transaction} do not fit together`,
    );
  }
  if (fileEnd(newer) > size + MAX_UNWRITTEN) throw new CorruptFileError('the file ends long before its last page');
  return newer;
}

/** Where the file should end. It may be shorter: pages at the end that no tree uses may never have been written. */
export function fileEnd({ lastPage, pageSize }: Header): number {
  return (lastPage + 1) * pageSize;
}

/** Reads the description of a tree, from a meta page or from a node of the main tree. */
export function readTree(bytes: Buffer, at: number): Tree {
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readNumber(bytes, at + 8),
    leafPages: readNumber(bytes, at + 16),
    overflowPages: readNumber(bytes, at + 24),
    entries: readNumber(bytes, at + 32),
    root: bytes.readBigUInt64LE(at + 40) === NO_PAGE ? undefined : readNumber(bytes, at + 40),
  };
}

/** A 64-bit number. It is exact up to 2^53, and no file is larger. */
export function readNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** Fills `bytes` from the file and returns how many there are. What the disk cannot read is damage. */
export function readAt(fd: number, bytes: Buffer, at: number): number {
  try {
    return readSync(fd, bytes, 0, bytes.length, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
    throw new CorruptFileError(`the disk cannot read it at byte ${at} (EIO)`);
  }
}

/** Reads the meta page at a position. Throws `CorruptFileError` unless it is one. */
export function readMeta(fd: number, at: number): Header {
  const meta = Buffer.alloc(META_END);
  if (readAt(fd, meta, at) < META_END) throw new CorruptFileError('the file ends inside its meta pages');
  if (meta.readUInt16LE(18) !== META_PAGE) throw new CorruptFileError(`there is no meta page at byte ${at}`);
  if (meta.readUInt32LE(24) !== MAGIC) throw new CorruptFileError(`there is no LMDB data at byte ${at}`);
  const version = meta.readUInt32LE(28);
  if (version !== DATA_VERSION)
    throw new CorruptFileError(`the data has version ${version} of LMDB's format, not ${DATA_VERSION}`);
  const pageSize = meta.readUInt32LE(48);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0 || (at > 0 && pageSize !== at)) {
    throw new CorruptFileError(`the page size of ${pageSize} is impossible`);
  }
  if (readNumber(meta, 40) > MAX_MAP_BYTES) throw new CorruptFileError('the size of the memory map is impossible');
  return {
    pageSize,
    lastPage: readNumber(meta, 144),
    transaction: readNumber(meta, 152),
    free: readTree(meta, 48),
    main: readTree(meta, 96),
  };
}

/** Every transaction writes the root of the main tree, so that page has its number. */
function checkRoot(fd: number, { main, pageSize, transaction }: Header): void {
  const page = Buffer.alloc(PAGE_HEADER);
  const at = (main.root ?? 0) * pageSize;
  if (!Number.isSafeInteger(at) || readAt(fd, page, at) < PAGE_HEADER) {
    throw new CorruptFileError('the file ends before its main tree');
  }
  if (readNumber(page, 8) !== transaction)
    throw new CorruptFileError(`the main tree is not that of transaction ${transaction}`);
}
