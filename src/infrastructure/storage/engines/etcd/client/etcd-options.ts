import { readFile } from 'node:fs/promises';
import { IsBoolean, IsNumber, Max, Min, ValidateBy } from 'class-validator';
import { AppError } from '../../../../../domain/errors.js';
import { Optional, Rule, WholeNumber } from '../../../../validation/setting-rules.js';

const URL_MUST =
  'must be http://HOST:PORT or https://HOST:PORT, several separated by commas, or left out: ' +
  'one with user and password goes to url_env or url_file';

/** Exactly one source of the URLs is given, and URLs in the settings are without any secret. */
function OneSource() {
  return ValidateBy({
    name: 'url',
    validator: {
      validate(url, parameters) {
        const { url_env, url_file } = (parameters?.object ?? {}) as EtcdOptions;
        const others = [url_env, url_file].filter((it) => it !== undefined).length;
        return url === undefined ? others === 1 : others === 0 && isPlainUrl(url);
      },
      defaultMessage: () => URL_MUST,
    },
  });
}

/** `storage.options` of the engine `etcd`; times in seconds. One of `url`, `url_env` and `url_file` is needed. */
export class EtcdOptions {
  /** Where the members are: one URL, or several separated by commas. Shown with the settings. */
  @OneSource()
  url?: string;

  /** The name of an environment variable with the URLs, the first of which may have a user and a password. */
  @Optional()
  @Rule('variable', 'must be the name of an environment variable', isText)
  url_env?: string;

  /** A file with the URLs, the first of which may have a user and a password. */
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
  url_file?: string;

  /** What the names of all keys in etcd begin with. */
  @Rule('prefix', 'must be 1 to 64 of the characters a-z A-Z 0-9 _ . / -', isPrefix)
  prefix = 'portkv/';

  /** Whether connections are encrypted and certificates are verified, as with https:// in the URL. */
  @IsBoolean()
  tls = false;

  /** A file with the certificates of authorities that a member's certificate may be from; else those of Node. */
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
  tls_ca_file?: string;

  /** How long a read or a commit may take. */
  @IsNumber()
  @Min(0.1)
  @Max(600)
  timeout = 5;

  /** The most operations of one transaction, as `--max-txn-ops` of the members says. */
  @WholeNumber(16, 10_000)
  max_txn_ops = 128;

  /** The most bytes of one request, as `--max-request-bytes` of the members says. */
  @WholeNumber(65_536, 1_073_741_824)
  max_request_bytes = 1_572_864;

  /** The most bytes of data, as `--quota-backend-bytes` of the members says. */
  @WholeNumber(1_048_576, 1_099_511_627_776)
  quota_bytes = 2_147_483_648;
}

/** What is needed to reach the members. */
export interface Endpoints {
  /** `HOST:PORT` of each. */
  readonly addresses: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: { readonly name: string; readonly password: string } | undefined;
}

/** Rejects with `unavailable`, never showing a password, if there are none that can be used. */
export async function endpointsOf({ url, url_env, url_file, tls }: EtcdOptions): Promise<Endpoints> {
  const given = [url, url_env, url_file].filter((it) => it !== undefined);
  if (given.length !== 1) throw unusable('storage.options must have one of url, url_env and url_file');
  const [text, from] =
    url !== undefined
      ? [url, 'url']
      : url_env !== undefined
        ? [process.env[url_env], `the environment variable ${url_env}`]
        : [await readText(url_file as string), url_file];
  const parts = partsOf(text?.trim() ?? '');
  if (!parts.every(isUrl)) throw unusable(`${from} must have a URL such as http://USER:PASSWORD@HOST:2379`);
  const urls = parts.map((part) => new URL(part));
  const [first] = urls as [URL];
  if (urls.some(({ protocol }) => protocol !== first.protocol)) {
    throw unusable(`${from} has URLs with http:// and with https://: they must be alike`);
  }
  const [name, password] = [decodeURIComponent(first.username), decodeURIComponent(first.password)];
  return {
    addresses: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? 2379 : port}`),
    isEncrypted: tls || first.protocol === 'https:',
    user: name === '' ? undefined : { name, password },
  };
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

function partsOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && /^[^\0]+$/.test(value);
}

function isPrefix(value: unknown): boolean {
  return typeof value === 'string' && /^[\w./-]{1,64}$/.test(value);
}

function isUrl(text: string): boolean {
  if (!/^https?:\/\/[^/?#]+\/?$/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return [username, password].every((it) => !/%(?![0-9a-f]{2})/i.test(it));
}

/** Whether it is URLs without any secret. */
function isPlainUrl(value: unknown): boolean {
  return typeof value === 'string' && partsOf(value).every((part) => isUrl(part) && !part.includes('@'));
}
