import { IsNumber, Max, Min } from 'class-validator';
import { FilePath, PlainUrl, readServerUrl, urlForm, VariableName } from '../../building-blocks/server/server-url.js';

const URL_FORM = urlForm(/^rediss?:\/\//, 'redis://HOST:PORT/DATABASE', 'redis://:PASSWORD@HOST:PORT/DATABASE');

/** `storage.options` of the engine `redis`; times in seconds. One of `url`, `url_env` and `url_file` is needed. */
export class RedisOptions {
  /** Where the server is; `rediss` for TLS. It is shown with the settings, so it must not have a password. */
  @PlainUrl(URL_FORM)
  url?: string;

  /** The name of an environment variable with the URL. */
  @VariableName()
  url_env?: string;

  /** A file with the URL. */
  @FilePath()
  url_file?: string;

  /** A file with the certificates of authorities that the server's certificate may be from; else those of Node. */
  @FilePath()
  tls_ca_file?: string;

  /** How long a read, or the wait for the connection, may take. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  timeout = 10;

  /** How long a commit may take before its outcome counts as unknown. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  commit_timeout = 10;
}

/** The URL, which may have a password. */
export function redisUrl(options: RedisOptions): Promise<string> {
  return readServerUrl(options, URL_FORM);
}
