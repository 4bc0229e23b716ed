import { IsBoolean, IsNumber, Max, Min } from 'class-validator';
import { Rule, WholeNumber } from '../../../validation/setting-rules.js';
import { FilePath, PlainUrl, readServerUrl, urlForm, VariableName } from '../../building-blocks/server/server-url.js';

const URL_FORM = urlForm(
  /^postgres(ql)?:\/\//,
  'postgres://USER@HOST:PORT/DATABASE',
  'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
);

/** `storage.options` of the engine `postgres`; times in seconds. One of `url`, `url_env` and `url_file` is needed. */
export class PostgresOptions {
  /** Where the server is. It is shown with the settings, so it must not have a password. */
  @PlainUrl(URL_FORM)
  url?: string;

  /** The name of an environment variable with the URL. */
  @VariableName()
  url_env?: string;

  /** A file with the URL. */
  @FilePath()
  url_file?: string;

  /** The schema of the database in which the tables are. It is made if it is missing and the user may. */
  @Rule('schema', 'must be a name of small letters, digits and _, at most 30', isName)
  schema = 'portkv';

  /** Whether the connection is encrypted and the certificate of the server is verified. */
  @IsBoolean()
  tls = false;

  /** A file with the certificates of authorities that the server's certificate may be from; else those of Node. */
  @FilePath()
  tls_ca_file?: string;

  /** The most connections to the server. All projects of the same URL share them; the largest number holds. */
  @WholeNumber(1, 1000)
  pool_size = 10;

  /** How long a read, or the wait for a connection, may take. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  timeout = 10;

  /** How long a commit may take before its outcome counts as unknown. It is never cancelled on the server. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;
}

/** The URL, which may have a password. */
export function connectionUrl(options: PostgresOptions): Promise<string> {
  return readServerUrl(options, URL_FORM);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z_][a-z0-9_]{0,29}$/.test(value);
}
