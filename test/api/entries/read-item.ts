/** The item in a response that has one. */
export interface ReadItem {
  readonly content_type: string;
  readonly encoding: 'json' | 'text' | 'base64';
  /** The value as JSON.parse sees it. */
  readonly shown: unknown;
  /** The stored bytes, as a client finds them in the text of the response. */
  readonly bytes: Buffer;
}

const ITEM =
  /"content_type":("(?:[^"\\]|\\.)*"),.*?"encoding":"(json|text|base64)",.*?"value":(.*),"version":"[0-9a-z]+"\}/s;

/** Finds the item in the text of a response, and its value digit for digit. */
export function itemOf(text: string): ReadItem {
  const [, type, encoding, value] = ITEM.exec(text) as unknown as [string, string, ReadItem['encoding'], string];
  const shown = JSON.parse(value);
  const bytes = encoding === 'json' ? Buffer.from(value) : Buffer.from(shown, encoding === 'text' ? 'utf8' : 'base64');
  return { content_type: JSON.parse(type), encoding, shown, bytes };
}
