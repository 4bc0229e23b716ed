import type { Change } from '../../../domain/change.js';
import { formatVersion } from '../../../domain/version.js';
import { itemJson } from '../response/envelope.js';

/** A change as JSON text, with the item if the change has it and `values` is true. */
export function changeJson(change: Change, values: boolean, more = ''): string {
  const { key, version, sizeBytes, entry } = change;
  const item = values && entry !== undefined ? `,"item":${itemJson(entry)}` : '';
  return `{${more}"key":${JSON.stringify(key)},"version":"${formatVersion(version)}","size_bytes":${sizeBytes}${item}}`;
}

/** A change as an event of a stream. Line breaks in the JSON of a stored value would end the event. */
export function changeEvent(change: Change, values: boolean, token: string): string {
  const json = changeJson(change, values);
  const data = values ? json.replaceAll(/\r\n|\r|\n/g, '\ndata: ') : json;
  return `event: ${change.event}\nid: ${token}\ndata: ${data}\n\n`;
}

/** An event about the stream itself: `ready`, `resync`. */
export function streamEvent(event: string, token: string): string {
  return `event: ${event}\nid: ${token}\ndata: {"since":"${token}"}\n\n`;
}
