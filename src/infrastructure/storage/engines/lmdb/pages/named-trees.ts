import { CorruptFileError, INTEGER_KEYS, readTree, type Tree } from './file-header.js';
import type { PageWalk, Visit } from './page-walk.js';

const SUB_TREE = 0x02;
const TREE_BYTES = 48;

/** The trees of one store. */
export interface NamedTrees {
  readonly entries: Tree;
  readonly expiry: Tree;
  readonly meta: Tree;
}

/** The trees that the main tree lists. Throws `CorruptFileError` if they are not those of a store. */
export function namedTrees(pages: PageWalk, main: Tree): NamedTrees {
  if (main.flags !== 0) throw new CorruptFileError('the trees have unknown flags');
  const reading = new TreeList();
  pages.walk(main, reading.visit);
  return reading.trees();
}

/** Collects the trees that are listed in the nodes of the main tree. */
export class TreeList {
  readonly #found = new Map<string, Tree>();

  readonly visit: Visit = (name, value, flags) => {
    if (flags !== SUB_TREE || value.length !== TREE_BYTES) throw new CorruptFileError('the list of trees is not one');
    const tree = readTree(value, 0);
    if (tree.flags !== 0) throw new CorruptFileError('the trees have unknown flags');
    this.#found.set(name.toString('utf8', 0, name.length - 1), tree); // A NUL ends the name.
  };

  trees(): NamedTrees {
    const [entries, expiry, meta] = ['entries', 'expiry', 'meta'].map((name) => this.#found.get(name));
    if (entries === undefined || expiry === undefined || meta === undefined)
      throw new CorruptFileError('it was not made by PortKV');
    return { entries, expiry, meta };
  }
}

/** Claims the free pages, and those that list them. Throws `CorruptFileError`. */
export function claimFreePages(pages: PageWalk, free: Tree): void {
  if (free.flags !== INTEGER_KEYS) throw new CorruptFileError('the trees have unknown flags');
  pages.walk(free, (_key, value) => claimFree(pages, value));
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
    if (word > 0) pages.claimed.claim(word, count);
    count = word < 0 ? -word : 1;
  }
}
