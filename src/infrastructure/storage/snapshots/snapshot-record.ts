import { IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import type { SnapshotRecord } from '../../../application/ports/registry/snapshot-storage.js';
import { EncryptionSettings } from '../../security/encryption-settings.js';
import { checkSettings, invalidSettings } from '../../validation/check-settings.js';
import { SectionOf } from '../../validation/setting-rules.js';

/** `ID.json` beside `ID.ndjson.gz`. */
class StoredRecord {
  @Min(0)
  @IsInt()
  created_at_ms!: number;

  @Max(Number.MAX_SAFE_INTEGER)
  @Min(0)
  @IsInt()
  count!: number;

  @Min(0)
  @IsInt()
  bytes!: number;

  @Matches(/^[0-9a-f]{64}$/)
  sha256!: string;

  @IsString()
  engine!: string;

  @IsIn(['manual', 'routine'])
  reason!: 'manual' | 'routine';

  @SectionOf(EncryptionSettings)
  encryption?: EncryptionSettings;
}

/** A record as the content of its file. */
export function recordText({ id: _, createdAt, ...record }: SnapshotRecord): string {
  return `${JSON.stringify({ created_at_ms: createdAt, ...record }, null, 2)}\n`;
}

/** Reads what `recordText` wrote. Throws if it cannot. */
export function recordFrom(id: string, text: string): SnapshotRecord {
  const { value, problems } = checkSettings(StoredRecord, JSON.parse(text) as unknown);
  if (problems.length > 0) throw invalidSettings('wrong content', problems);
  const { created_at_ms: createdAt, ...record } = value;
  return { id, createdAt, ...record };
}
