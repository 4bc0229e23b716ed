import { IsBoolean, IsObject, IsString, MinLength } from 'class-validator';
import { LimitSettings } from './limit-settings.js';
import { AuthenticationSettings, CorsSettings, ProjectEntry } from './project-settings.js';
import { Described, ListOf, OneOf, Optional, SectionOf, WholeNumber } from './setting-rules.js';

const FLAG = { message: 'must be true or false' };
const TEXT = { message: 'must be a text that is not empty' };

/** Where the data lies. */
export class SystemStorageSettings {
  @Described("The data folder; a relative path counts from this file's folder.")
  @Optional()
  @MinLength(1, TEXT)
  @IsString(TEXT)
  persistent_file_path = 'storage_data';
}

/** What the server tells strangers. */
export class SystemSecuritySettings {
  @Described('Whether projects may be listed, and whether an unknown project answers 404 instead of 401.')
  @Optional()
  @IsBoolean(FLAG)
  project_discoverable = true;
}

/** What is logged and how it looks. */
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

/** Figures for Prometheus. */
export class MetricsSettings {
  @Described('Whether /metrics can be read without a key.')
  @Optional()
  @IsBoolean(FLAG)
  public = false;
}

/** The settings of the server itself. */
export class SystemSettings {
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

  @SectionOf(CorsSettings)
  cors = new CorsSettings();

  @Described('Below so many free bytes on the disk writes are refused; by default 64 MiB or 2 % of the disk if less.')
  @Optional()
  @WholeNumber(0, Number.MAX_SAFE_INTEGER)
  min_free_bytes?: number;

  @Described('Understood for the sake of Simple-PyKV, and ignored.')
  @Optional()
  @IsObject({ message: 'must be an object' })
  debugging?: Record<string, unknown>;
}

/** The whole of `config.json`. */
export class Settings {
  @Described('Path or address of the JSON Schema of this file, for editors.')
  @Optional()
  @IsString(TEXT)
  $schema?: string;

  @Described('Version of the format of this file.')
  @Optional()
  @OneOf([1])
  version = 1;

  @Described('Port to listen on; 0 picks a free one.')
  @Optional()
  @WholeNumber(0, 65535)
  server_port = 23849;

  @Described('Address or host name to listen on.')
  @Optional()
  @MinLength(1, TEXT)
  @IsString(TEXT)
  server_host = '127.0.0.1';

  @SectionOf(SystemSettings)
  system = new SystemSettings();

  @ListOf(ProjectEntry)
  projects: ProjectEntry[] = [];
}
