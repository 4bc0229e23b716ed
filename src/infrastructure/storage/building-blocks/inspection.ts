import type { Logger } from '../../../application/ports/logger.js';
import type { Store } from '../../../application/ports/store.js';
import { pagesOf } from '../../../application/stores/store-pages.js';
import { type Entry, entryBytes } from '../../../domain/entry.js';
import type { EntryCheck } from './repair-result.js';

const PAGE_LIMIT = 256;
/** Damaged entries beyond this number are not listed. */
const MAX_LISTED = 20;

/** What is found in the data of one store. */
export class Inspection {
  /** What is as it should be, or was not inspected. */
  readonly notes: string[] = [];
  readonly damages: string[] = [];
  /** Records every warning as damage. */
  readonly log: Logger;
  #damagedEntries = 0;

  constructor(readonly problemOf: EntryCheck) {
    const record = (_: object, message: string) => void this.damages.push(message);
    this.log = { error: record, warn: record, info: () => undefined, debug: undefined };
  }

  /** Checks one entry. */
  check(entry: Entry): void {
    const problem = this.problemOf(entry);
    if (problem === undefined) return;
    this.#damagedEntries += 1;
    if (this.#damagedEntries <= MAX_LISTED) this.damages.push(problem);
    if (this.#damagedEntries === MAX_LISTED + 1) this.damages.push('there are more entries like these');
  }

  /** Checks every entry, and whether there are as many as the store counts. */
  async checkAll(store: Pick<Store, 'scan' | 'size'>): Promise<void> {
    const found = { keys: 0, bytes: 0 };
    for await (const page of pagesOf(store, { limit: PAGE_LIMIT })) {
      for (const entry of page) {
        this.check(entry);
        found.keys += 1;
        found.bytes += entryBytes(entry);
      }
    }
    const { keys, bytes } = await store.size();
    if (keys === found.keys && bytes === found.bytes) this.notes.push(`${keys} entries of ${bytes} bytes`);
    else this.damages.push(`it counts ${keys} entries of ${bytes} bytes but holds ${found.keys} of ${found.bytes}`);
  }
}
