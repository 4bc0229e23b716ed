import { isUtf8 } from 'node:buffer';
import { oneLineJson } from '../../output/json-text.js';

/**
 * `encoding` and `value` as JSON text. JSON stands as it was stored, digit for digit, if the content type says that it
 * is JSON; other text is a string; anything else is base64. Together with the content type nothing is lost.
 */
export function valueMembers(bytes: Buffer, contentType: string): string {
  if (!isUtf8(bytes)) return members('base64', JSON.stringify(bytes.toString('base64')));
  const text = bytes.toString();
  const isJson = /^[^;]*[/+]json\s*(;|$)/i.test(contentType) && parses(text);
  return isJson ? members('json', oneLineJson(text)) : members('text', JSON.stringify(text));
}

function members(encoding: string, value: string): string {
  return `"encoding":"${encoding}","value":${value}`;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
