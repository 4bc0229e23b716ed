import { IsBoolean, IsObject } from 'class-validator';
import { durationOf } from '../../../domain/duration.js';
import { EncryptionSettings } from '../../security/encryption-settings.js';
import { Described, Optional, Rule, SectionOf, WholeNumber } from '../../validation/setting-rules.js';

const FLAG = { message: 'must be true or false' };

function hasOneSource(value: unknown): boolean {
  const { key_file, key_env } = value as EncryptionSettings;
  return (key_file === undefined) !== (key_env === undefined);
}

const DURATION = { type: 'string', pattern: '^[0-9]{1,6}[smhdw]$' };
const DURATION_MUST = 'must be a time such as "30s", "15m", "6h", "7d" or "2w"';

function isDuration(value: unknown): boolean {
  return typeof value === 'string' && durationOf(value) !== undefined;
}

/** Snapshots on a schedule. */
export class SnapshotSettings {
  @Described('How often a snapshot is taken, such as "6h".', DURATION)
  @Rule(
    'every',
    `${DURATION_MUST}, and more than 0`,
    (value) => isDuration(value) && !/^0+[a-z]$/.test(value as string),
  )
  every!: string;

  @Described('How many of them are kept; those made by hand do not count.')
  @Optional()
  @WholeNumber(1, 10_000)
  keep = 10;
}

/** How the data of a project is stored. */
export class StorageSettings {
  @Described('The storage engine; docs/storage.md compares them. Wins over on_disk.', { type: 'string' })
  @Optional()
  @Rule('engine', 'must be the name of an engine', (value) => typeof value === 'string')
  engine?: string;

  @Described('If no engine is set: true stands for json-file, false for memory.')
  @Optional()
  @IsBoolean(FLAG)
  on_disk?: boolean;

  @Described('Options of the engine.')
  @Optional()
  @IsObject({ message: 'must be an object' })
  options?: Record<string, unknown>;

  @SectionOf(EncryptionSettings)
  @Rule('oneSource', 'must have one of key_file and key_env', hasOneSource)
  encryption?: EncryptionSettings;

  @SectionOf(SnapshotSettings)
  snapshots?: SnapshotSettings;

  @Described('How long the old files are kept after a migration, such as "24h", which is the default.', DURATION)
  @Optional()
  @Rule('duration', DURATION_MUST, isDuration)
  keep_old_for?: string;
}
