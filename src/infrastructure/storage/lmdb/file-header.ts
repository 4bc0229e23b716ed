import { readSync } from 'node:fs';

/** Offsets in a page of LMDB's data format 2, 64 bit, little-endian: the page header, then the meta record or the nodes. */
export const PAGE_HEADER = 24;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META_PAGE = 0x08;
const META_END = 168;

/** One B-tree as the file describes it. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly entries: number;
  /** Its page number; undefined where the tree is empty. */
  readonly root: number | undefined;
}

/** What the newer meta page says about the file. */
export interface Header {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly free: Tree;
  readonly main: Tree;
}

/** Why a file cannot be used; the message goes behind the file's name. */
export class Damage extends Error {}

/** Reads both meta pages of an open data file of `size` bytes. Throws `Damage` on anything that LMDB would not survive. */
export function readHeader(fd: number, size: number): Header {
  if (size === 0) throw new Damage('the file is empty');
  const first = readMeta(fd, 0);
  const pageSize = first.readUInt32LE(48);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) {
    throw new Damage(`the page size of ${pageSize} is impossible`);
  }
  const second = readMeta(fd, pageSize);
  if (second.readUInt32LE(48) !== pageSize) throw new Damage('the two meta pages contradict each other');
  const meta = first.readBigUInt64LE(152) >= second.readBigUInt64LE(152) ? first : second;
  return {
    pageSize,
    lastPage: pageNumber(meta, 144),
    free: readTree(meta, 48),
    main: readTree(meta, 96),
  };
}

/** The description of a tree, which stands in a meta page or in a node of the main tree. */
export function readTree(bytes: Buffer, at: number): Tree {
  const empty = bytes.readBigUInt64LE(at + 40) === 0xffff_ffff_ffff_ffffn;
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    entries: Number(bytes.readBigUInt64LE(at + 32)),
    root: empty ? undefined : pageNumber(bytes, at + 40),
  };
}

/** A 64-bit page number; too large a one becomes one that no file has. */
export function pageNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function readMeta(fd: number, at: number): Buffer {
  const meta = Buffer.alloc(META_END);
  if (readSync(fd, meta, 0, META_END, at) < META_END) throw new Damage('the file ends inside its meta pages');
  if (meta.readUInt16LE(18) !== META_PAGE) throw new Damage(`there is no meta page at byte ${at}`);
  if (meta.readUInt32LE(24) !== MAGIC) throw new Damage(`there is no LMDB data at byte ${at}`);
  const version = meta.readUInt32LE(28) & 0xffff;
  if (version !== DATA_VERSION)
    throw new Damage(`the data has version ${version} of LMDB's format, not ${DATA_VERSION}`);
  return meta;
}
