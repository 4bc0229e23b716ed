import type { StorageSpec as RequestedSpec, StorageRecord } from '../../../application/ports/project-storage.js';
import { migrationFrom } from './migration-record.js';
import type { GenerationSpec, KeptGeneration, Placement, StorageSpec } from './placement.js';

/** The storage that settings ask for, with its members in the order of the comparison. */
export function requestedSpec({
  engine,
  options,
  encryption,
}: Partial<RequestedSpec> & Pick<RequestedSpec, 'engine'>): StorageSpec {
  return { engine, options: { ...options }, ...(encryption === undefined ? {} : { encryption: { ...encryption } }) };
}

/** Only what is needed to open a generation's files. */
export function generationOf(from: GenerationSpec): GenerationSpec {
  const { engine, options, encryption, keys, generation } = from;
  const sealed = { ...(encryption === undefined ? {} : { encryption }), ...(keys === undefined ? {} : { keys }) };
  return { engine, options, ...sealed, generation };
}

/** The description of the current generation in a placement. */
export function activated(next: GenerationSpec) {
  const { generation, keys, ...configured } = generationOf(next);
  return { encryption: undefined, ...configured, keys, configured, generation };
}

/**
 * Kept generations that cannot be reverted to any more; unencrypted ones are kept until `plainUntil` (ms since 1970) at
 * most.
 */
export function withoutRevert(
  kept: readonly KeptGeneration[],
  plainUntil = Number.POSITIVE_INFINITY,
): KeptGeneration[] {
  return kept.map((other) => {
    const latest = other.encryption === undefined ? plainUntil : Number.POSITIVE_INFINITY;
    return { ...other, current: false, until: Math.min(other.until, latest) };
  });
}

/** A placement as the application's record. */
export function recordOf(placement: Placement): StorageRecord {
  const { engine, options, encryption, configured, version_floor, deleted, migrations = [] } = placement;
  return {
    engine,
    options,
    encryption,
    configured,
    versionFloor: version_floor,
    deleted,
    migrations: migrations.map(migrationFrom),
  };
}
