import type { KeySource } from '../../domain/project.js';

/** What `open` of the library takes. */
export interface OpenOptions {
  /** One of PortKV's engines: `json-file`, `lmdb`, `directory`, `memory`. Another one than before moves the data. */
  readonly engine?: string;
  /** The data folder: the same files as a server's, which must not run on it meanwhile. */
  readonly path: string;
  /** The project within the folder. */
  readonly project?: string;
  /** Options of the engine. */
  readonly options?: Readonly<Record<string, unknown>>;
  /**
   * The source of the keys that encrypt the values; a path is relative to the working directory. Null turns encryption
   * off.
   */
  readonly encryption?: KeySource | null;
  /** Limits as in a server's configuration. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /**
   * Refuses every write and writes not a byte; rejects with `unavailable` if there is no such store, or if it is kept
   * in another way than asked for.
   */
  readonly readOnly?: boolean;
  /** What is logged on standard error. */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug' | 'trace';
}
