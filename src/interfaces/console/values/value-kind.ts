import { isJson } from '../formats/json-layout.js';
import { type Entry, isWhole } from '../operations/read-entry.js';

export type ValueView = 'json' | 'text' | 'image' | 'hex';

/** How the bytes of pictures begin. */
const PICTURES: readonly (readonly [string, string])[] = [
  ['image/png', '\x89PNG'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF8'],
  ['image/bmp', 'BM'],
];

/** Browsers can show these. */
const SHOWN = /^image\/(png|jpeg|gif|webp|avif|svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)\b/;

/** The text of a value; undefined if it is not UTF-8. The last character of a part may be cut. */
export function textOf(entry: Entry): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry.bytes, { stream: !isWhole(entry) });
  } catch {
    return undefined;
  }
}

/** The type of a picture, by what it is called or how it begins. */
export function pictureType({ contentType, bytes }: Entry): string | undefined {
  if (SHOWN.test(contentType)) return contentType;
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp';
  return PICTURES.find(([, begin]) => start.startsWith(begin) && bytes.length > begin.length + 8)?.[0];
}

/** The ways in which a value can be shown, the best first. */
export function viewsOf(entry: Entry, text = textOf(entry)): readonly ValueView[] {
  const picture = pictureType(entry);
  const isText = text !== undefined && !text.includes('\0');
  const json = isText && isWhole(entry) && isJson(text);
  const views: ValueView[] = [];
  if (picture !== undefined && isWhole(entry)) views.push('image');
  if (json) views.push('json');
  if (isText) views.push('text');
  views.push('hex');
  return views;
}

/** What a value is, in words. */
export function kindInWords(entry: Entry, views: readonly ValueView[]): string {
  const [type = ''] = entry.contentType.split(';');
  const kind = { json: 'JSON', text: 'text', image: 'picture', hex: 'binary' }[views[0] ?? 'hex'];
  return type === '' ? kind : `${kind} (${type})`;
}
