import { IsBoolean, IsNumber, Max, Min } from 'class-validator';
import { AppError } from '../../../../domain/errors.js';
import { Optional, Rule, WholeNumber } from '../../../validation/setting-rules.js';
import {
  FilePath,
  PlainUrl,
  readServerUrl,
  type UrlForm,
  urlForm,
  VariableName,
} from '../../building-blocks/server/server-url.js';

const ONE = urlForm(/^rediss?:\/\//, 'redis://HOST:PORT/DATABASE', 'redis://:PASSWORD@HOST:PORT/DATABASE');

/** One URL, or several separated by commas. */
const URL_FORM: UrlForm = {
  ...ONE,
  isUrl: (text) => text.split(',').every(ONE.isUrl),
  isPlain: (text) => text.split(',').every(ONE.isPlain),
};

/** `storage.options` of the engine `redis`; times in seconds. One of `url`, `url_env` and `url_file` is needed. */
export class RedisOptions {
  /**
   * Where the server is; `rediss` for TLS. Several, separated by commas, are nodes of a cluster, or sentinels. It is
   * shown with the settings, so it must not have a password.
   */
  @PlainUrl(URL_FORM)
  url?: string;

  /** The name of an environment variable with the URL. */
  @VariableName()
  url_env?: string;

  /** A file with the URL. */
  @FilePath()
  url_file?: string;

  /** Whether it is a Redis Cluster. */
  @IsBoolean()
  cluster = false;

  /** The name of the master, if the URLs are those of sentinels. */
  @Optional()
  @Rule('name', 'must be the name of a master, as the sentinels know it', isName)
  sentinel?: string;

  /** How many replicas must have a commit before it counts as done. */
  @WholeNumber(0, 9)
  wait = 0;

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

/** The URLs, which may have a password. Rejects with `unavailable`, or `invalid` if other options do not fit them. */
export async function redisUrls(options: RedisOptions): Promise<readonly [URL, ...URL[]]> {
  const [first = '', ...others] = (await readServerUrl(options, URL_FORM)).split(',');
  if (options.cluster && options.sentinel !== undefined) {
    throw new AppError('invalid', 'storage.options can have cluster or sentinel, not both');
  }
  if (others.length > 0 && !options.cluster && options.sentinel === undefined) {
    throw new AppError(
      'invalid',
      'several URLs of Redis need "cluster": true, or "sentinel" with the name of the master',
    );
  }
  return [new URL(first), ...others.map((url) => new URL(url))];
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[\w.-]+$/.test(value);
}
