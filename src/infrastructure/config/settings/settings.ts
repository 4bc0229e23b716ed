import { IsString, MinLength } from 'class-validator';
import { Described, ListOf, OneOf, Optional, Rule, SectionOf, WholeNumber } from '../../validation/setting-rules.js';
import type { AuthenticationSettings } from './key-settings.js';
import { ProjectEntry } from './project-settings.js';
import { SystemSettings } from './system-settings.js';

const TEXT = { message: 'must be a string that is not empty' };

/** The files that TLS needs, in PEM. */
export class TlsSettings {
  @Described("The certificate, then its chain; a relative path is relative to this file's folder.")
  @MinLength(1, TEXT)
  @IsString(TEXT)
  cert!: string;

  @Described('Its private key. Both files are read again when they change.')
  @MinLength(1, TEXT)
  @IsString(TEXT)
  key!: string;
}

function isTransportList(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one?.kind === 'string');
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

  @SectionOf(TlsSettings)
  server_tls?: TlsSettings;

  @Described('Further transports: each names its kind, and what that needs.')
  @Optional()
  @Rule('transports', 'must be a list of objects, each with its kind', isTransportList)
  transports: Readonly<Record<string, unknown>>[] = [];

  @SectionOf(SystemSettings)
  system = new SystemSettings();

  @ListOf(ProjectEntry)
  projects: ProjectEntry[] = [];
}

/** The primary key of the system (`project` undefined) or of a project. */
export interface KeyHolder {
  readonly project: string | undefined;
  readonly key: AuthenticationSettings;
}

/** The system and every project. */
export function keyHolders({ system, projects }: Settings): KeyHolder[] {
  const ofProjects = projects.map(({ id, authentication }) => ({ project: id, key: authentication }));
  return [{ project: undefined, key: system.authentication }, ...ofProjects];
}
