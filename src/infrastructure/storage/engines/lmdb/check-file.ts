import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { decodeRecord, verifyRecord } from '../../building-blocks/entry-record.js';
import { CorruptFileError, type Header, INTEGER_KEYS, readHeader, readTree, type Tree } from './file-header.js';
import { parseMetadata } from './metadata.js';
import { PageWalk } from './page-walk.js';

const SUB_TREE = 0x02;
const TREE_BYTES = 48;

/**
 * Reads a whole data file and compares everything in it that can be compared: the trees, the checksum of each entry,
 * the expiry index and the size with the entries. Throws `CorruptFileError`, or the error of the file system. `closed`
 * as in `readHeader`; `visit` is called with every entry.
 */
export function checkFile(path: string, closed = true, visit?: (entry: Entry) => void): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(fd);
    const header = readHeader(fd, size, closed);
    const pages = new PageWalk(fd, header);
    checkTrees(pages, header, visit);
    pages.finish(size);
  } finally {
    closeSync(fd);
  }
}

function checkTrees(pages: PageWalk, header: Header, visit?: (entry: Entry) => void): void {
  const trees = new Map<string, Tree>();
  if (header.free.flags !== INTEGER_KEYS || header.main.flags !== 0)
    throw new CorruptFileError('the trees have unknown flags');
  pages.walk(header.main, (name, value, flags) => {
    if (flags !== SUB_TREE || value.length !== TREE_BYTES) throw new CorruptFileError('the list of trees is not one');
    const tree = readTree(value, 0);
    if (tree.flags !== 0) throw new CorruptFileError('the trees have unknown flags');
    trees.set(name.toString('utf8', 0, name.length - 1), tree); // A NUL ends the name.
  });
  const [entries, expiry, meta] = ['entries', 'expiry', 'meta'].map((name) => trees.get(name));
  if (entries === undefined || expiry === undefined || meta === undefined)
    throw new CorruptFileError('it was not made by PortKV');
  const found = checkEntries(pages, entries, visit);
  const index = checkIndex(pages, expiry);
  if (found.expiring !== index) throw new CorruptFileError('the expiry index does not match the entries');
  pages.walk(meta, (_key, value) => {
    const { keys, bytes } = parseMetadata(value);
    if (keys !== entries.entries || bytes !== found.bytes)
      throw new CorruptFileError('the size does not match the entries');
  });
  pages.walk(header.free, (_key, value) => claimFree(pages, value));
}

/**
 * Verifies each entry. Returns the sum of sizes and that of one checksum per expiry, which does not depend on the
 * order.
 */
function checkEntries(pages: PageWalk, tree: Tree, visit?: (entry: Entry) => void) {
  const time = Buffer.alloc(8);
  const sum = { bytes: 0, expiring: 0 };
  pages.walk(tree, (key, record) => {
    const { bytes, expiresAt } = verifyRecord(key, record);
    sum.bytes += bytes;
    visit?.(decodeRecord(key.toString(), record));
    if (expiresAt === undefined) return;
    time.writeDoubleBE(expiresAt);
    sum.expiring = (sum.expiring + crc32(key, crc32(time))) % 0x1_0000_0000;
  });
  return sum;
}

function checkIndex(pages: PageWalk, tree: Tree): number {
  let sum = 0;
  pages.walk(tree, (key) => {
    sum = (sum + crc32(key)) % 0x1_0000_0000;
  });
  return sum;
}

/** A list of free pages: its length, then page numbers; before one, a negative count makes it a run; zeros are gaps. */
function claimFree(pages: PageWalk, list: Buffer): void {
  const words = list.length / 8;
  if (words < 1 || Number(list.readBigUInt64LE(0)) >= words)
    throw new CorruptFileError('the list of free pages is too short');
  const last = Number(list.readBigUInt64LE(0));
  let count = 1;
  for (let i = 1; i <= last; i++) {
    const word = Number(list.readBigInt64LE(i * 8));
    if (word > 0) pages.claim(word, count);
    count = word < 0 ? -word : 1;
  }
}
