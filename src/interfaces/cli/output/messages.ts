/** Prints a message in one line on standard error, whatever characters the names in it have. */
export function printMessage(text: string): void {
  console.error(oneLine(text));
}

/** The text with its control characters escaped: they would begin new lines, or could do harm on a terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
