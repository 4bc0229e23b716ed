import { oneLine } from './messages.js';

/** Prints the result of a command: in one line of JSON if asked to, else as these lines. */
export function printResult(json: boolean | undefined, data: unknown, lines: readonly string[]): void {
  for (const line of json ? [JSON.stringify(data)] : lines.map(oneLine)) console.log(line);
}

/** The same for rows with their columns below each other, under a header that is bold on a terminal. */
export function printTable(
  json: boolean | undefined,
  data: unknown,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const [titles = '', ...lines] = tableLines([header, ...rows]);
  if (!json) console.log(bold(titles));
  printResult(json, data, lines);
}

/** The members of an object as lines with two columns; members of objects in it have paths such as `storage.engine`. */
export function memberLines(data: object): string[] {
  const members = [...flatten(data, '')];
  const width = Math.max(0, ...members.map(([path]) => path.length));
  return members.map(([path, value]) => `${path.padEnd(width)}  ${value}`);
}

function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A time of the API, in seconds since 1970, as ISO 8601; `never` for null. */
export function timeText(seconds: number | null | undefined): string {
  return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : 'never';
}

/** A key as it can be shown: on a terminal as JSON if it has control characters, which could do harm there. */
export function keyText(key: string): string {
  return process.stdout.isTTY && /\p{Cc}/u.test(key) ? JSON.stringify(key) : key;
}

function* flatten(data: object, prefix: string): Generator<readonly [path: string, value: string]> {
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield* flatten(value, `${prefix}${name}.`);
    else yield [prefix + name, Array.isArray(value) ? value.join(', ') : String(value)];
  }
}

/** Node's own rule for colours, which follows NO_COLOR, FORCE_COLOR and TERM. */
function bold(text: string): string {
  return process.stdout.isTTY && process.stdout.hasColors() ? `\u001b[1m${text}\u001b[22m` : text;
}
