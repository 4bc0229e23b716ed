import type { ApiClient } from './api-client.js';
import type { Target } from './target.js';

export interface ServeOptions {
  readonly config: string;
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  readonly logLevel?: string;
}

export interface DoctorOptions {
  readonly config: string;
  readonly data?: string;
  readonly repair?: boolean;
}

/** What commands need; given from outside, for commands know no adapter. */
export interface Actions {
  serve(options: ServeOptions): Promise<void>;
  /** Runs the task against the running server, or, where none runs, on its data directly. */
  withClient(target: Target, task: (client: ApiClient) => Promise<void>): Promise<void>;
  /** Says whether a file is a whole export or snapshot; rejects with `invalid` where it is not. */
  verify(file: string): Promise<void>;
  /** Checks what a stopped server needs, of one project or of all, and says what it finds; the exit code tells whether all is well. */
  doctor(project: string | undefined, options: DoctorOptions): Promise<void>;
}
