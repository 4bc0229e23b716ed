import { IsBoolean, IsObject } from 'class-validator';
import { durationOf } from '../../../domain/duration.js';
import { Described, Optional, Rule, SectionOf, WholeNumber } from '../../validation/setting-rules.js';

const FLAG = { message: 'must be true or false' };

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function hasOneSource(value: unknown): boolean {
  const { key_file, key_env } = value as EncryptionSettings;
  return (key_file === undefined) !== (key_env === undefined);
}

/** Where the keys are that encrypt a project's values. */
export class EncryptionSettings {
  @Described(
    'File with the keys, one a line: "[id:]base64 of 32 bytes". The first encrypts, the others only decrypt.',
    {
      type: 'string',
    },
  )
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
  key_file?: string;

  @Described('Environment variable with the keys, as in a file; blanks may part them.', { type: 'string' })
  @Optional()
  @Rule('variable', 'must be the name of an environment variable', isText)
  key_env?: string;
}

const DURATION = { type: 'string', pattern: '^[0-9]{1,6}[smhdw]$' };
const DURATION_MUST = 'must be a time such as "30s", "15m", "6h", "7d" or "2w"';

function isDuration(value: unknown): boolean {
  return typeof value === 'string' && durationOf(value) !== undefined;
}

/** Snapshots that are taken without being asked. */
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

/** Which engine keeps the data. */
export class StorageSettings {
  @Described('The storage engine; docs/storage.md compares them. Wins over on_disk.', { type: 'string' })
  @Optional()
  @Rule('engine', 'must be the name of an engine', (value) => typeof value === 'string')
  engine?: string;

  @Described('true: engine json-file, false: engine memory; where no engine is named.')
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

  @Described('How long what was moved away from is kept, such as "24h", which is the default.', DURATION)
  @Optional()
  @Rule('duration', DURATION_MUST, isDuration)
  keep_old_for?: string;
}
