import {
  CorruptFileError,
  fileEnd,
  type Header,
  MAX_UNWRITTEN,
  readAt,
  readHeader,
  readMeta,
  readNumber,
} from './file-header.js';
import { claimFreePages, type NamedTrees, namedTrees, TreeList } from './named-trees.js';
import { BRANCH, flagsAt, keyAt, kindOf, LEAF, PageReader } from './page-reader.js';
import type { PageSet } from './page-set.js';
import { PageWalk } from './page-walk.js';

const PAGE_SIZES = [4096, 512, 1024, 2048, 8192, 16384, 32768, 65536];
/** So many pages are compared with each page size. */
const SAMPLE = 4096;

/** Where the entries of a damaged file can be looked for. */
export interface FoundTrees {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  /** Undefined if the page that lists them is lost. */
  readonly trees: NamedTrees | undefined;
  /** Undefined if the list of them is lost. */
  readonly free: PageSet | undefined;
  /** Whether they are known to be those of the last commit. */
  readonly isLatest: boolean;
}

/** The result of `read`; undefined if it throws `CorruptFileError`. */
export function unlessCorrupt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CorruptFileError) return undefined;
    throw error;
  }
}

/**
 * Looks for the trees of a damaged file: where its meta pages say, or else on the newest page that lists trees, which
 * every commit writes. `closed` as in `readHeader`.
 */
export function findTrees(fd: number, size: number, closed: boolean): FoundTrees {
  const header = unlessCorrupt(() => readHeader(fd, size, closed));
  return header === undefined ? searchTrees(fd, size) : treesOf(fd, header);
}

function treesOf(fd: number, header: Header): FoundTrees {
  const { pageSize, lastPage, transaction } = header;
  const pages = new PageWalk(fd, header);
  const trees = unlessCorrupt(() => namedTrees(new PageWalk(fd, header), header.main));
  const free = unlessCorrupt(() => {
    claimFreePages(pages, header.free);
    return pages.claimed;
  });
  return { pageSize, lastPage, transaction, trees, free, isLatest: true };
}

function searchTrees(fd: number, size: number): FoundTrees {
  const pageSize = pageSizeOf(fd, size);
  const lastPage = Math.ceil(size / pageSize) - 1;
  const reader = new PageReader(fd, { pageSize, transaction: Infinity });
  const { transaction, list } = searchPages(reader, lastPage);
  const [header] = [0, pageSize]
    .flatMap((at, parity) => metaPage(fd, at, parity) ?? [])
    .filter((meta) => meta.transaction >= transaction && fileEnd(meta) <= size + MAX_UNWRITTEN && fits(reader, meta))
    .sort((a, b) => b.transaction - a.transaction);
  // Without a page of its transaction nothing confirms the number of a meta page.
  if (header !== undefined) return { ...treesOf(fd, header), isLatest: header.transaction === transaction };
  const isLatest = list.transaction === transaction;
  return { pageSize, lastPage, transaction, trees: list.trees, free: undefined, isLatest };
}

/** A meta page of a transaction that is written to this place: the two places take turns. */
function metaPage(fd: number, at: number, parity: number): Header | undefined {
  const meta = unlessCorrupt(() => readMeta(fd, at));
  return meta !== undefined && meta.transaction % 2 === parity ? meta : undefined;
}

/** Whether the main tree is of the same transaction, or lost. */
function fits(reader: PageReader, { main: { root = 0 }, lastPage, transaction }: Header): boolean {
  const page = root <= lastPage ? unlessCorrupt(() => reader.page(root, 0)) : undefined;
  return page === undefined || readNumber(page, 8) === transaction;
}

/** The newest transaction that wrote a page of a tree, and the newest list of trees. */
function searchPages(reader: PageReader, lastPage: number) {
  let transaction = 0;
  let list: { transaction: number; trees: NamedTrees | undefined } = { transaction: 0, trees: undefined };
  for (let number = 2; number <= lastPage; number++) {
    const found = unlessCorrupt(() => {
      const page = reader.page(number, 0);
      const isLeaf = kindOf(page) === LEAF;
      if (!isLeaf && kindOf(page) !== BRANCH) return undefined;
      const nodes = reader.nodes(page, number, isLeaf);
      return { transaction: readNumber(page, 8), trees: isLeaf ? treesOn(reader, page, nodes) : undefined };
    });
    if (found === undefined) continue;
    transaction = Math.max(transaction, found.transaction);
    if (found.trees !== undefined && found.transaction >= list.transaction) list = found;
  }
  return { transaction, list };
}

/** The trees that a page lists, if it does. */
function treesOn(reader: PageReader, page: Buffer, nodes: readonly number[]): NamedTrees | undefined {
  return unlessCorrupt(() => {
    const list = new TreeList();
    const claim = () => {
      throw new CorruptFileError('the list of trees is not one');
    };
    for (const at of nodes) list.visit(keyAt(page, at), reader.value(page, at, claim), flagsAt(page, at));
    return list.trees();
  });
}

/** As a meta page says, or the size with which most pages have the number of their place. */
function pageSizeOf(fd: number, size: number): number {
  const metas = [0, ...PAGE_SIZES].flatMap((at) => unlessCorrupt(() => readMeta(fd, at)) ?? []);
  if (metas[0] !== undefined) return metas[0].pageSize;
  const number = Buffer.alloc(8);
  const [best] = PAGE_SIZES.map((pageSize) => {
    let right = 0;
    for (let page = 2; page < Math.min(SAMPLE, size / pageSize); page++) {
      const length = unlessCorrupt(() => readAt(fd, number, page * pageSize));
      if (length === number.length && readNumber(number, 0) === page) right++;
    }
    return { pageSize, right };
  }).sort((a, b) => b.right - a.right);
  return best?.pageSize ?? 4096;
}
