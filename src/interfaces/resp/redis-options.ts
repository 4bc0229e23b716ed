import { IsInt, IsOptional, IsString, Max, Min, MinLength, ValidateBy } from 'class-validator';
import { ListenOptions } from '../listen-options.js';

/** The files of a certificate and its key, in PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** `{"kind": "redis"}` in `transports` of the configuration. */
export class RedisOptions extends ListenOptions {
  override port = 6379;

  /** The path of a socket file, instead of host and port. */
  @IsOptional()
  @MinLength(1)
  @IsString()
  path?: string;

  /** The project of clients that name none. */
  @IsOptional()
  @MinLength(1)
  @IsString()
  project?: string;

  /** Without it, connections are not encrypted. */
  @IsOptional()
  @ValidateBy(
    { name: 'tls', validator: { validate: isTlsFiles } },
    { message: 'must be an object with cert and key, the paths of two files in PEM' },
  )
  tls?: TlsFiles;

  /** How long a client may take until its first command is allowed, in seconds. */
  @Max(3600)
  @Min(1)
  @IsInt()
  authentication_timeout = 60;

  /** How long a command may take to arrive, in seconds, unless it arrives as fast as bodies by REST must. */
  @Max(3600)
  @Min(1)
  @IsInt()
  request_timeout = 30;

  /** Further connections get an error. */
  @Max(100_000)
  @Min(1)
  @IsInt()
  max_connections = 2_000;
}

function isTlsFiles(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const members = Object.entries(value);
  return members.length === 2 && ['cert', 'key'].every((name) => members.some(([n, v]) => n === name && isPath(v)));
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
