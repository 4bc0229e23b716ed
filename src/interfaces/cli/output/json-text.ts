/** JSON text in one line: a line break in JSON is between its parts, never in a string. */
export function oneLineJson(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
