import type { Project } from '../../../domain/project.js';
import type { GenerationSpec, KeptGeneration, StorageSpec } from './placement.js';

/** What settings ask for, in the order in which it is compared. */
export function requestedSpec({ engine, options, encryption }: Project['storage']): StorageSpec {
  return { engine, options: { ...options }, ...(encryption === undefined ? {} : { encryption: { ...encryption } }) };
}

/** What it takes to open a generation's files, and nothing else that is known of it. */
export function generationOf(from: GenerationSpec): GenerationSpec {
  const { engine, options, encryption, keys, generation } = from;
  const sealed = { ...(encryption === undefined ? {} : { encryption }), ...(keys === undefined ? {} : { keys }) };
  return { engine, options, ...sealed, generation };
}

/** What a placement says of the generation that is in charge. */
export function activated(next: GenerationSpec) {
  const { generation, keys, ...configured } = generationOf(next);
  return { encryption: undefined, ...configured, keys, configured, generation };
}

/** Kept generations that one cannot go back to any more; those in plain are kept until `plainUntil` (ms since 1970) at the longest. */
export function withoutRevert(
  kept: readonly KeptGeneration[],
  plainUntil = Number.POSITIVE_INFINITY,
): KeptGeneration[] {
  return kept.map((other) => {
    const latest = other.encryption === undefined ? plainUntil : Number.POSITIVE_INFINITY;
    return { ...other, current: false, until: Math.min(other.until, latest) };
  });
}
