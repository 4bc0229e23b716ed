import type { Range, ReadView } from '../../../../application/ports/store.js';
import { pagesOf } from '../../../../application/stores/store-pages.js';
import { AppError } from '../../../../domain/errors.js';
import type { KeyBounds } from '../../../../domain/key.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import { VIEW_PAGE } from '../../building-blocks/server/view-page.js';
import type { Connections, Rows, Session } from './pools.js';
import { readError } from './postgres-error.js';
import { scanQuery } from './range-query.js';
import { entryFrom } from './row-codec.js';

/** The longest that a view may be open, in ms: until it ends, the server keeps all that is replaced, of any table. */
const LIFETIME = 4 * 3_600_000;

/** `SELECT 1` fixes the moment, and locks no table. */
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1; SAVEPOINT view';
/** Frees the locks of a read: a table that is dropped, or whose fence is, must not wait for the view. */
const UNLOCK = 'ROLLBACK TO SAVEPOINT view';

/**
 * The entries as of the begin of a transaction, which has a connection of its own. It writes nothing, so it has no id,
 * and the log of commits does not wait for it.
 */
export class PostgresReadView implements ReadView {
  readonly #table: string;
  readonly #session: Session;
  readonly #calls: ServerCalls;
  readonly #timeout: number;
  readonly #timer: NodeJS.Timeout;
  #ended: AppError | undefined;

  private constructor(table: string, session: Session, calls: ServerCalls, timeout: number) {
    this.#table = table;
    this.#session = session;
    this.#calls = calls;
    this.#timeout = timeout;
    this.#timer = setTimeout(this.#expire, LIFETIME).unref();
    calls.closed.addEventListener('abort', this.#close);
  }

  /** `timeout` is that of a read, in seconds. */
  static async begin(
    table: string,
    connections: Connections,
    calls: ServerCalls,
    timeout: number,
  ): Promise<PostgresReadView> {
    try {
      return await calls.run(async () => {
        const session = await connections.session();
        try {
          await calls.within(timeout, () => session.query(BEGIN));
          return new PostgresReadView(table, session, calls, timeout);
        } catch (error) {
          void session.end();
          throw error;
        }
      });
    } catch (error) {
      throw readError(error, table);
    }
  }

  async *pages(bounds: KeyBounds) {
    const scan = async (range: Range) => {
      const { text, values } = scanQuery(this.#table, range);
      return (await this.#read(text, values)).map(entryFrom);
    };
    yield* pagesOf({ scan }, { ...bounds, ...VIEW_PAGE });
  }

  close(): Promise<void> {
    this.#ended ??= new AppError('unavailable', `${this.#table}: the view is closed`);
    clearTimeout(this.#timer);
    this.#calls.closed.removeEventListener('abort', this.#close);
    return this.#session.end();
  }

  async #read(text: string, values: readonly unknown[]): Promise<Rows> {
    if (this.#ended !== undefined) throw this.#ended;
    try {
      return await this.#calls.within(this.#timeout, async () => {
        const rows = await this.#session.query({ text, values });
        await this.#session.query(UNLOCK);
        return rows;
      });
    } catch (error) {
      throw this.#ended ?? readError(error, this.#table);
    }
  }

  readonly #close = (): void => void this.close();

  readonly #expire = (): void => {
    const message = `${this.#table}: a copy as of one moment has to end within ${LIFETIME / 3_600_000} hours`;
    this.#ended = new AppError('unavailable', message);
    void this.close();
  };
}
