import type { Logger } from '../../../application/ports/logger.js';
import type { Store } from '../../../application/ports/store.js';
import type { Entry } from '../../../domain/entry.js';
import type { EntryCheck } from './repair-result.js';

/** Most entries that are looked at in one page. */
const PAGE = 256;
/** Most damaged entries that are named. */
const NAMED = 20;

/** What is found in the files of one store. */
export class Inspection {
  readonly notes: string[] = [];
  readonly damages: string[] = [];
  /** Takes every warning for damage. */
  readonly log: Logger;
  #unsound = 0;

  constructor(readonly unsound: EntryCheck) {
    const take = (_: object, message: string) => void this.damages.push(message);
    this.log = { error: take, warn: take, info: () => undefined, debug: undefined };
  }

  /** Looks into an entry. */
  check(entry: Entry): void {
    const problem = this.unsound(entry);
    if (problem === undefined) return;
    this.#unsound += 1;
    if (this.#unsound <= NAMED) this.damages.push(problem);
    if (this.#unsound === NAMED + 1) this.damages.push('there are more entries like these');
  }

  /** Looks into every entry, and whether there are as many as the store counts. */
  async count(store: Pick<Store, 'scan' | 'size'>): Promise<void> {
    const seen = { keys: 0, bytes: 0 };
    let after: string | undefined;
    for (;;) {
      const page = await store.scan(after === undefined ? { limit: PAGE } : { after, limit: PAGE });
      for (const entry of page) {
        this.check(entry);
        seen.keys += 1;
        seen.bytes += Buffer.byteLength(entry.key) + entry.value.length;
        after = entry.key;
      }
      if (page.length < PAGE) break;
    }
    const { keys, bytes } = await store.size();
    if (keys === seen.keys && bytes === seen.bytes) this.notes.push(`${keys} entries of ${bytes} bytes`);
    else this.damages.push(`it counts ${keys} entries of ${bytes} bytes but holds ${seen.keys} of ${seen.bytes}`);
  }
}
