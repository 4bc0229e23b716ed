import type { Range, ReadView } from '../../../../application/ports/store.js';
import { pagesOf } from '../../../../application/stores/store-pages.js';
import { AppError } from '../../../../domain/errors.js';
import type { KeyBounds } from '../../../../domain/key.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import { VIEW_PAGE } from '../../building-blocks/server/view-page.js';
import { isCompacted, readError } from './client/etcd-error.js';
import type { EntryReader } from './entry-reader.js';
import type { OpenStore } from './open-store.js';

/** The entries as of a revision, which etcd keeps until it is compacted. */
export class EtcdReadView implements ReadView {
  readonly #store: OpenStore;
  readonly #reader: EntryReader;
  readonly #calls: ServerCalls;
  readonly #revision: number;
  #closed = false;

  private constructor(store: OpenStore, reader: EntryReader, calls: ServerCalls, revision: number) {
    this.#store = store;
    this.#reader = reader;
    this.#calls = calls;
    this.#revision = revision;
  }

  static begin(store: OpenStore, reader: EntryReader, calls: ServerCalls): Promise<EtcdReadView> {
    return calls.run(() =>
      store.reading(async () => {
        const { revision } = await store.read([{ key: store.keys.existence, keysOnly: true }]);
        return new EtcdReadView(store, reader, calls, revision);
      }),
    );
  }

  pages(bounds: KeyBounds) {
    const scan = (range: Range) => this.#calls.run(() => this.#scan(range));
    return pagesOf({ scan }, { ...bounds, ...VIEW_PAGE });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #scan(range: Range) {
    const { name } = this.#store;
    if (this.#closed) throw new AppError('unavailable', `${name}: the view is closed`);
    try {
      return await this.#reader.scanAt(range, this.#revision);
    } catch (error) {
      throw isCompacted(error) ? compacted(name, error) : readError(error, name);
    }
  }
}

function compacted(name: string, cause: unknown): AppError {
  const message =
    `${name}: etcd was compacted while a copy as of one moment was read: ` +
    'try again, or raise --auto-compaction-retention of its members';
  return new AppError('unavailable', message, { cause });
}
