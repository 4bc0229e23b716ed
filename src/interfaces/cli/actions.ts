import type { ApiClient } from './api-client.js';
import type { Target } from './target.js';

export interface ServeOptions {
  readonly config: string;
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  readonly logLevel?: string;
}

/** What commands need; given from outside, for commands know no adapter. */
export interface Actions {
  serve(options: ServeOptions): Promise<void>;
  /** Runs the task against the running server, or, where none runs, on its data directly. */
  reach(target: Target, task: (client: ApiClient) => Promise<void>): Promise<void>;
  /** Says whether a file is a whole export or snapshot; rejects with `invalid` where it is not. */
  verify(file: string): Promise<void>;
}
