import type { Change } from '../../../domain/change.js';
import type { ValueView } from '../../../domain/value.js';
import { formatVersion } from '../../../domain/version.js';
import { itemJson } from '../response/envelope.js';

const CARRIAGE_RETURN = 13;

/** A change as JSON text, with the item if the change has it and there is a view. */
export function changeJson(change: Change, view: ValueView | undefined, more = ''): string {
  const { key, version, sizeBytes, entry } = change;
  const item = view !== undefined && entry !== undefined ? `,"item":${itemJson(entry, view)}` : '';
  return `{${more}"key":${JSON.stringify(key)},"version":"${formatVersion(version)}","size_bytes":${sizeBytes}${item}}`;
}

/** A change as an event of a stream. Line feeds in the JSON of a stored value go on in the next line of `data`. */
export function changeEvent(change: Change, view: ValueView | undefined, token: string): string {
  const json = changeJson(change, viewInEvent(change, view));
  const data = view === undefined ? json : json.replaceAll(/\r\n|\r|\n/g, '\ndata: ');
  return `event: ${change.event}\nid: ${token}\ndata: ${data}\n\n`;
}

/** A reader gets a line feed for any line break: JSON with a carriage return is exact only as a string. */
function viewInEvent({ entry }: Change, view: ValueView | undefined): ValueView | undefined {
  if (view !== 'auto' && view !== 'json') return view;
  return entry?.value.includes(CARRIAGE_RETURN) ? 'text' : view;
}

/** An event about the stream itself: `ready`, `resync`. */
export function streamEvent(event: string, token: string): string {
  return `event: ${event}\nid: ${token}\ndata: {"since":"${token}"}\n\n`;
}
