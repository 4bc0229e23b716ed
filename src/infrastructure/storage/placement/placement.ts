import { IsBoolean, IsInt, IsObject, IsString, Matches, Max, Min, MinLength } from 'class-validator';
import { EncryptionSettings } from '../../security/encryption-settings.js';
import { ListOf, Optional, RequiredSectionOf, SectionOf } from '../../validation/setting-rules.js';
import { MigrationRecord } from './migration-record.js';

/** A value sealed with a key: one that does not open it is another key. */
export class KeyCheckValue {
  @MinLength(1)
  @IsString()
  id!: string;

  @MinLength(1)
  @IsString()
  check!: string;
}

/** The engine, the options and the encryption that the configuration asked for when a placement was made. */
export class StorageSpec {
  @MinLength(1)
  @IsString()
  engine!: string;

  @IsObject()
  options!: Record<string, unknown>;

  @SectionOf(EncryptionSettings)
  encryption?: EncryptionSettings;
}

/** Files with what is needed to open them. */
class Generation extends StorageSpec {
  /** The keys that its values are sealed with, if it is encrypted. */
  @ListOf(KeyCheckValue)
  keys?: KeyCheckValue[];

  /** The server that alone has it, if several share the projects. */
  @Optional()
  @MinLength(1)
  @IsString()
  node?: string;
}

/** A generation of files beside the present one. */
export class GenerationSpec extends Generation {
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(1)
  @IsInt()
  generation!: number;
}

/** What was moved away from: kept for a while, then removed. */
export class KeptGeneration extends GenerationSpec {
  /** When its files go, in ms since 1970. */
  @Min(0)
  @IsInt()
  until!: number;

  /** Whether nothing was written since, so that one can go back to it. */
  @IsBoolean()
  current!: boolean;
}

/** A damaged file of the data folder, or a folder there, and the name that it gets. */
export class DamagedFile {
  @Matches(/^[^/\0]+$/)
  @IsString()
  file!: string;

  @Matches(/^[^/\0]+$/)
  @IsString()
  kept!: string;
}

/**
 * Where a project's data is, as it stands in `DATA/<project>.placement.json`. This file, not the configuration, says
 * so; replacing it is the switch to another engine or to new content.
 */
export class Placement extends Generation {
  /** Counts from 1; each has its own files, see `dataName`. */
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(1)
  @IsInt()
  generation!: number;

  /** A configuration that differs was edited by hand: the data has to move. */
  @RequiredSectionOf(StorageSpec)
  configured!: StorageSpec;

  /** All versions issued so far are below it; microseconds since 1970. */
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(0)
  @IsInt()
  version_floor!: number;

  /** The project is being deleted; its files are to go. */
  @IsBoolean()
  deleted!: boolean;

  /** Being made; after a crash its files are to go. */
  @SectionOf(GenerationSpec)
  preparing?: GenerationSpec;

  @ListOf(KeptGeneration)
  kept?: KeptGeneration[];

  /** Files of data that was damaged and is replaced, which have yet to be put aside. */
  @ListOf(DamagedFile)
  damaged?: DamagedFile[];

  /** The last moves, earliest first. */
  @ListOf(MigrationRecord)
  migrations?: MigrationRecord[];
}
