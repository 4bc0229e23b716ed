import type { StreamEvent } from '../../client/http/event-stream.js';

export type ChangeKind = 'put' | 'delete' | 'expire';

/** A change of an entry. */
export interface Change {
  readonly event: ChangeKind;
  readonly key: string;
  readonly version: string;
  readonly size: number;
}

/** What listeners get. After `resync` changes may be missing: what is shown has to be read again. */
export type FeedEvent = Change | { readonly event: 'ready' } | { readonly event: 'resync' };

/** Undefined for what changes nothing, such as a heartbeat. */
export function feedEventOf({ event, data }: StreamEvent): FeedEvent | undefined {
  if (data === undefined) return undefined;
  if (event === 'ready' || event === 'resync') return { event };
  if (event !== 'put' && event !== 'delete' && event !== 'expire') return undefined;
  const { key, version, size_bytes } = JSON.parse(data) as { key: string; version: string; size_bytes: number };
  return { event, key, version, size: size_bytes };
}
