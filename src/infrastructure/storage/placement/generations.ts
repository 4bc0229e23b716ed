import type { StorageSpec as RequestedSpec, StorageRecord } from '../../../application/ports/project-storage.js';
import { migrationFrom } from './migration-record.js';
import type { GenerationSpec, KeptGeneration, Placement, StorageSpec } from './placement.js';

/** What settings ask for, in the order in which it is compared. */
export function requestedSpec({
  engine,
  options,
  encryption,
}: Partial<RequestedSpec> & Pick<RequestedSpec, 'engine'>): StorageSpec {
  return { engine, options: { ...options }, ...(encryption === undefined ? {} : { encryption: { ...encryption } }) };
}

/** What it takes to open a generation's files, and nothing else that is known of it. */
export function generationOf(from: GenerationSpec): GenerationSpec {
  const { engine, options, encryption, keys, node, generation } = from;
  const sealed = { ...(encryption === undefined ? {} : { encryption }), ...(keys === undefined ? {} : { keys }) };
  return { engine, options, ...sealed, ...(node === undefined ? {} : { node }), generation };
}

/** What a placement says of the current generation. */
export function activated(next: GenerationSpec) {
  const { generation, keys, node, ...configured } = generationOf(next);
  return { encryption: undefined, ...configured, keys, node, configured, generation };
}

/**
 * Kept generations that one cannot go back to any more; those in plain are kept until `plainUntil` (ms since 1970) at
 * the longest.
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

/** What a placement says, in the application's words. */
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
