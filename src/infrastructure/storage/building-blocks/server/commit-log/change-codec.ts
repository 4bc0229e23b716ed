import type { Change } from '../../../../../domain/change.js';

const EVENTS: readonly Change['event'][] = ['put', 'delete', 'expire'];

/** Changes without their entries, as a commit log has them in JSON. */
export type EncodedChanges = readonly (readonly [event: number, key: string, version: number, sizeBytes: number])[];

export function encodeChanges(changes: readonly Change[]): EncodedChanges {
  return changes.map((it) => [EVENTS.indexOf(it.event), it.key, it.version, it.sizeBytes]);
}

export function decodeChanges(encoded: EncodedChanges): readonly Change[] {
  return encoded.map(([event, key, version, sizeBytes]) => ({
    event: EVENTS[event] as Change['event'],
    key,
    version,
    sizeBytes,
  }));
}

/** How many bytes they have as JSON, and not less. */
export function encodedBytes(encoded: EncodedChanges): number {
  return Buffer.byteLength(JSON.stringify(encoded)) + 1;
}
