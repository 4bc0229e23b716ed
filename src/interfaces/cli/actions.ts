import type { ApiClient } from './connection/api-client.js';
import type { ApiRequest } from './connection/target.js';

export interface ServeOptions {
  readonly config: string;
  /** Whether a configuration that is missing is written; else it is a mistake. */
  readonly init?: boolean;
  /** Whether a data folder that is not this configuration's is taken over. */
  readonly adopt?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly redisPort?: number;
  readonly data?: string;
  readonly logLevel?: string;
}

/** For commands that can print their result as JSON. */
export interface JsonOption {
  readonly json?: true;
}

export type InitOptions = Pick<ServeOptions, 'config' | 'data' | 'adopt'> & JsonOption;

export interface HealthOptions extends JsonOption {
  readonly config: string;
  readonly data?: string;
  /** Instead of the address of the server of the data folder. */
  readonly url?: string;
}

export interface DoctorOptions extends JsonOption {
  readonly config: string;
  readonly data?: string;
  readonly repair?: boolean;
}

export interface RegistryOptions extends JsonOption {
  /** The configuration that names the registry. */
  readonly config: string;
}

/** What the commands need from outside, because they import no adapter. */
export interface Actions {
  serve(options: ServeOptions): Promise<void>;
  /** Writes a first configuration and prints its keys. Rejects with `invalid` if it exists. */
  init(options: InitOptions): Promise<void>;
  /** Runs the task against the running server or, if none runs, against one started on its data for this command. */
  withClient(request: ApiRequest, task: (client: ApiClient) => Promise<void>): Promise<void>;
  /**
   * Prints that a file is a complete export or snapshot. Rejects with `invalid` if it is damaged or incomplete, with
   * `unavailable` if it cannot be read or is encrypted without a record beside it.
   */
  verify(file: string, options: JsonOption): Promise<void>;
  /**
   * Checks what a stopped server needs, for one project or all, and prints the findings; a problem sets exit code 1.
   */
  doctor(project: string | undefined, options: DoctorOptions): Promise<void>;
  /** Fills a registry with the configuration in the file, and prints how many projects that were. */
  importRegistry(file: string, options: RegistryOptions): Promise<void>;
  /** Replaces a setting, of that path, in a registry by a value in JSON. */
  setInRegistry(name: string, value: string, options: RegistryOptions): Promise<void>;
  /** Writes what is in a registry to a new file. */
  exportRegistry(file: string, options: RegistryOptions): Promise<void>;
  /** Prints the address of a server that is alive, else rejects with `unavailable`. */
  health(options: HealthOptions): Promise<void>;
}
