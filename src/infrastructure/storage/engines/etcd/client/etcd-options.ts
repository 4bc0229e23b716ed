import { IsBoolean, IsNumber, Max, Min } from 'class-validator';
import { AppError } from '../../../../../domain/errors.js';
import { Rule, WholeNumber } from '../../../../validation/setting-rules.js';
import {
  FilePath,
  PlainUrl,
  readServerUrl,
  type UrlForm,
  VariableName,
} from '../../../building-blocks/server/server-url.js';

/** One URL, or several separated by commas. */
const URL_FORM: UrlForm = {
  isUrl: (text) => partsOf(text).every(isUrl),
  isPlain: (text) => partsOf(text).every((part) => isUrl(part) && !part.includes('@')),
  plain: 'http://HOST:PORT or https://HOST:PORT, or several separated by commas,',
  full: 'http://USER:PASSWORD@HOST:2379',
};

/** `storage.options` of the engine `etcd`; times in seconds. One of `url`, `url_env` and `url_file` is needed. */
export class EtcdOptions {
  /** Where the members are: one URL, or several separated by commas. Shown with the settings. */
  @PlainUrl(URL_FORM)
  url?: string;

  /** The name of an environment variable with the URLs, the first of which may have a user and a password. */
  @VariableName()
  url_env?: string;

  /** A file with the URLs, the first of which may have a user and a password. */
  @FilePath()
  url_file?: string;

  /** What the names of all keys in etcd begin with. */
  @Rule('prefix', 'must be 1 to 64 of the characters a-z A-Z 0-9 _ . / -', isPrefix)
  prefix = 'portkv/';

  /** Whether connections are encrypted and certificates are verified, as with https:// in the URL. */
  @IsBoolean()
  tls = false;

  /** A file with the certificates of authorities that a member's certificate may be from; else those of Node. */
  @FilePath()
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
export async function endpointsOf(options: EtcdOptions): Promise<Endpoints> {
  const parts = partsOf(await readServerUrl(options, URL_FORM));
  const urls = parts.map((part) => new URL(part));
  const [first] = urls as [URL];
  if (urls.some(({ protocol }) => protocol !== first.protocol)) {
    const message = 'the URLs of etcd are with http:// and with https://: they must be alike';
    throw new AppError('unavailable', message, { isPermanent: true });
  }
  const [name, password] = [decodeURIComponent(first.username), decodeURIComponent(first.password)];
  return {
    addresses: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? 2379 : port}`),
    isEncrypted: options.tls || first.protocol === 'https:',
    user: name === '' ? undefined : { name, password },
  };
}

function partsOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function isPrefix(value: unknown): boolean {
  return typeof value === 'string' && /^[\w./-]{1,64}$/.test(value);
}

function isUrl(text: string): boolean {
  if (!/^https?:\/\/[^/?#]+\/?$/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return [username, password].every((it) => !/%(?![0-9a-f]{2})/i.test(it));
}
