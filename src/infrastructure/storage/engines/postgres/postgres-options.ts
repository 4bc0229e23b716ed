import { readFile } from 'node:fs/promises';
import { IsBoolean, IsNumber, Max, Min, ValidateBy } from 'class-validator';
import { AppError } from '../../../../domain/errors.js';
import { Optional, Rule, WholeNumber } from '../../../validation/setting-rules.js';

const URL_MUST =
  'must be postgres://USER@HOST:PORT/DATABASE without a password, or left out: ' +
  'one with a password goes to url_env or url_file';

/** Exactly one source of the URL is given, and a URL in the settings is one without any secret. */
function OneSource() {
  return ValidateBy({
    name: 'url',
    validator: {
      validate(url, parameters) {
        const { url_env, url_file } = (parameters?.object ?? {}) as PostgresOptions;
        const others = [url_env, url_file].filter((it) => it !== undefined).length;
        return url === undefined ? others === 1 : others === 0 && isPlainUrl(url);
      },
      defaultMessage: () => URL_MUST,
    },
  });
}

/** `storage.options` of the engine `postgres`; times in seconds. One of `url`, `url_env` and `url_file` is needed. */
export class PostgresOptions {
  /** Where the server is. It is shown with the settings, so it must not have a password. */
  @OneSource()
  url?: string;

  /** The name of an environment variable with the URL. */
  @Optional()
  @Rule('variable', 'must be the name of an environment variable', isText)
  url_env?: string;

  /** A file with the URL. */
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
  url_file?: string;

  /** The schema of the database in which the tables are. It is made if it is missing and the user may. */
  @Rule('schema', 'must be a name of small letters, digits and _, at most 30', isName)
  schema = 'portkv';

  /** Whether the connection is encrypted and the certificate of the server is verified. */
  @IsBoolean()
  tls = false;

  /** A file with the certificates of authorities that the server's certificate may be from; else those of Node. */
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
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

/** The URL, which may have a password. Rejects with `unavailable`, never showing it, if it cannot be read. */
export async function connectionUrl({ url, url_env, url_file }: PostgresOptions): Promise<string> {
  const given = [url, url_env, url_file].filter((it) => it !== undefined);
  if (given.length !== 1) throw unusable('storage.options must have one of url, url_env and url_file');
  if (url !== undefined) return url;
  const [text, from] =
    url_env !== undefined
      ? [process.env[url_env], `the environment variable ${url_env}`]
      : [await readText(url_file as string), url_file];
  const found = text?.trim();
  if (!found) throw unusable(`${from} has no URL of a PostgreSQL server`);
  if (!isUrl(found)) throw unusable(`${from} must have a URL such as postgres://USER:PASSWORD@HOST:PORT/DATABASE`);
  return found;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unusable(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}): it should have a URL`);
  }
}

function unusable(message: string): AppError {
  return new AppError('unavailable', message, { isPermanent: true });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && /^[^\0]+$/.test(value);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z_][a-z0-9_]{0,29}$/.test(value);
}

function isUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}

/** Whether it is a URL without any secret. */
function isPlainUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !isUrl(value)) return false;
  const { password, searchParams } = new URL(value);
  return password === '' && !searchParams.has('password');
}
