import { isIP } from 'node:net';
import { IsBoolean, IsString, MinLength } from 'class-validator';
import { LimitSettings } from '../../rules/limit-settings.js';
import { Described, OneOf, Optional, Rule, SectionOf, WholeNumber } from '../../validation/setting-rules.js';
import { AuthenticationSettings } from './key-settings.js';
import { NodeSettings } from './node-settings.js';
import { CorsSettings } from './project-settings.js';
import { RegistrySettings } from './registry-settings.js';

const FLAG = { message: 'must be true or false' };
const TEXT = { message: 'must be a string that is not empty' };

/** Where the data is. */
export class SystemStorageSettings {
  @Described("The data folder; a relative path is relative to this file's folder.")
  @Optional()
  @MinLength(1, TEXT)
  @IsString(TEXT)
  persistent_file_path = 'storage_data';

  @Described(
    'How many projects have their files open at a time; by default as many as the limit of open files allows, ' +
      '1,000 at most. Files are opened when they are needed.',
  )
  @Optional()
  @WholeNumber(1, 100_000)
  max_open_projects?: number;

  @Described('Seconds without use after which the files of a project are closed.')
  @Optional()
  @WholeNumber(1, 86_400)
  close_idle_after = 300;
}

/** What clients without a key learn. */
export class SystemSecuritySettings {
  @Described('Whether projects may be listed, and whether the response for an unknown project is 404 instead of 401.')
  @Optional()
  @IsBoolean(FLAG)
  project_discoverable = true;
}

/** What is logged, and in which format. */
export class LoggingSettings {
  @Described('The least severe lines that are logged.')
  @Optional()
  @OneOf(['error', 'warn', 'info', 'debug', 'trace'])
  level: 'error' | 'warn' | 'info' | 'debug' | 'trace' = 'info';

  @Described('auto: pretty on a terminal, JSON lines elsewhere.')
  @Optional()
  @OneOf(['auto', 'pretty', 'json'])
  format: 'auto' | 'pretty' | 'json' = 'auto';
}

/** Metrics for Prometheus. */
export class MetricsSettings {
  @Described('Whether /metrics can be read without a key.')
  @Optional()
  @IsBoolean(FLAG)
  public = false;
}

/** The console, a page for browsers at `/console`. */
export class ConsoleSettings {
  @Described(
    'Whether /console is served; by default if the REST API listens on loopback addresses only. The page shows ' +
      'nothing without a key.',
  )
  @Optional()
  @IsBoolean(FLAG)
  enabled?: boolean;
}

/** A rate: so many requests in so many seconds. */
export class RateSettings {
  @Described('Most requests in that time.')
  @WholeNumber(1, 1_000_000_000)
  requests!: number;

  @Described('Length of that time, in seconds.')
  @WholeNumber(1, 86_400)
  seconds!: number;
}

/** Rate limits. */
export class RateLimitSettings {
  @SectionOf(RateSettings)
  per_key?: RateSettings;

  @SectionOf(RateSettings)
  per_address?: RateSettings;

  @Described(
    'Whether servers that share a registry count requests and wrong keys together; each alone by default. ' +
      'Each learns within 0.2 seconds what another has counted.',
  )
  @Optional()
  @IsBoolean(FLAG)
  shared = false;
}

function isTrust(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 100;
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isNetwork(item));
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** The audit log, `audit.portkv.ndjson` in the data folder. */
export class AuditSettings {
  @Described('Whether writes of entries are recorded, too, and not only administrative acts.')
  @Optional()
  @IsBoolean(FLAG)
  data_writes = false;

  @Described('Size in bytes at which the file is rotated: renamed, and a new one begun.')
  @Optional()
  @WholeNumber(1024, 2 ** 40)
  max_bytes = 10 * 1024 * 1024;

  @Described('How many rotated files are kept.')
  @Optional()
  @WholeNumber(0, 1000)
  keep = 5;
}

/** The members of `system.debugging` that Simple-PyKV writes (`test/compat/simple-pykv-data/config.json`). */
export class DebuggingSettings {
  @Described('Accepted for compatibility with Simple-PyKV, and ignored.')
  @Optional()
  @IsBoolean(FLAG)
  verbose_mode?: boolean;

  @Described('Accepted for compatibility with Simple-PyKV, and ignored.')
  @Optional()
  @IsBoolean(FLAG)
  flask_debug_mode?: boolean;
}

/** The settings of the server itself. */
export class SystemSettings {
  @Described(
    'Names this installation, also in its data folder, so that no other configuration uses that by mistake. ' +
      'The server writes it; leave it out of a copy for another installation.',
  )
  @Optional()
  @MinLength(1, TEXT)
  @IsString(TEXT)
  installation_id?: string;

  @SectionOf(RegistrySettings)
  registry?: RegistrySettings;

  @SectionOf(NodeSettings)
  node = new NodeSettings();

  @SectionOf(SystemStorageSettings)
  storage = new SystemStorageSettings();

  @SectionOf(AuthenticationSettings)
  authentication = new AuthenticationSettings();

  @SectionOf(SystemSecuritySettings)
  security = new SystemSecuritySettings();

  @SectionOf(LoggingSettings)
  logging = new LoggingSettings();

  @SectionOf(LimitSettings)
  limits = new LimitSettings();

  @SectionOf(MetricsSettings)
  metrics = new MetricsSettings();

  @SectionOf(ConsoleSettings)
  console = new ConsoleSettings();

  @SectionOf(CorsSettings)
  cors = new CorsSettings();

  @SectionOf(RateLimitSettings)
  rate_limits = new RateLimitSettings();

  @Described(
    'Which proxies are trusted with X-Forwarded-For: how many come in a row before the server, ' +
      'or their addresses or networks.',
    { type: ['integer', 'array'], items: { type: 'string' } },
  )
  @Optional()
  @Rule('trust', 'must be a number of proxies, or a list of addresses or networks such as "10.0.0.0/8"', isTrust)
  trust_proxy: number | string[] = 0;

  @SectionOf(AuditSettings)
  audit = new AuditSettings();

  @Described(
    'Writes are refused if the disk has fewer free bytes; by default 64 MiB, or 2 % of the disk if that is less.',
  )
  @Optional()
  @WholeNumber(0, Number.MAX_SAFE_INTEGER)
  min_free_bytes?: number;

  @SectionOf(DebuggingSettings)
  debugging?: DebuggingSettings;
}
