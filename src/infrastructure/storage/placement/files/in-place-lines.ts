import { crc32 } from 'node:zlib';

/**
 * What a placement has to record before a write, so on a full disk, too. The file has room of a fixed size for it,
 * which is written in place, without the rest of the file.
 */
export interface InPlace {
  /** All versions issued so far are below it. */
  readonly versionFloor: number;
  /** Whether something was written since the last migration. */
  readonly isWritten: boolean;
}

/** The two lines in the file. */
export type InPlaceLines = readonly [string, string];

const FLOOR_DIGITS = 16;
/** The floor, a mark, and a checksum of both. */
const LINE = /^(\d{16} [w-]) ([0-9a-f]{8})$/;
const LINE_CHARS = FLOOR_DIGITS + ' w '.length + 8;
/** What comes before the first line in the file, and the distance to the second. */
const HEAD = '{\n  "in_place": [\n    "';
const DISTANCE = LINE_CHARS + '",\n    "'.length;

/** The member of the placement that holds them. It is the first, so that its place in the file is fixed. */
export const IN_PLACE = 'in_place';
/** The part of the file in which they change, from its beginning. */
export const IN_PLACE_BYTES = HEAD.length + DISTANCE + LINE_CHARS;

/** Where a line is in the file. */
export function positionOf(index: 0 | 1): number {
  return HEAD.length + index * DISTANCE;
}

/** The lines of a file, if they are where they have to be. */
export function linesIn(file: Buffer): InPlaceLines | undefined {
  const text = file.toString('latin1', 0, IN_PLACE_BYTES);
  if (text.length < IN_PLACE_BYTES || !text.startsWith(HEAD)) return undefined;
  return [text.slice(HEAD.length, HEAD.length + LINE_CHARS), text.slice(positionOf(1))];
}

/** The lines of a file that is written as a whole: both say what the rest of the file does. */
export function firstLines(versionFloor: number): InPlaceLines {
  const line = formatLine({ versionFloor, isWritten: false });
  return [line, line];
}

export function formatLine({ versionFloor, isWritten }: InPlace): string {
  const text = `${String(versionFloor).padStart(FLOOR_DIGITS, '0')} ${isWritten ? 'w' : '-'}`;
  return `${text} ${checksumOf(text)}`;
}

/**
 * What the lines say together. A line that a crash cut off is recognised by its checksum: it was never acknowledged,
 * and the other line has what was before. Throws if neither can be read.
 */
export function parseLines(lines: readonly unknown[]): InPlace {
  const found = lines.map(parseLine).filter((line) => line !== undefined);
  if (found.length === 0) throw new Error(`${IN_PLACE}: no line has the checksum of what it says`);
  return {
    versionFloor: Math.max(...found.map(({ versionFloor }) => versionFloor)),
    isWritten: found.some(({ isWritten }) => isWritten),
  };
}

/** The same with what is to be written added: neither is ever taken back. */
export function addTo(lines: InPlaceLines, { versionFloor, isWritten }: InPlace): InPlace {
  const before = parseLines(lines);
  return {
    versionFloor: Math.max(versionFloor, before.versionFloor),
    isWritten: isWritten || before.isWritten,
  };
}

/** The line that is written next: the one which says less. */
export function nextLine([first, second]: InPlaceLines): 0 | 1 {
  const [a, b] = [parseLine(first), parseLine(second)];
  if (a === undefined || b === undefined) return a === undefined ? 0 : 1;
  if (a.isWritten !== b.isWritten) return a.isWritten ? 1 : 0;
  return a.versionFloor < b.versionFloor ? 0 : 1;
}

function parseLine(line: unknown): InPlace | undefined {
  const [, text = '', checksum] = LINE.exec(String(line)) ?? [];
  if (checksum === undefined || checksum !== checksumOf(text)) return undefined;
  const versionFloor = Number(text.slice(0, FLOOR_DIGITS));
  return Number.isSafeInteger(versionFloor) ? { versionFloor, isWritten: text.endsWith('w') } : undefined;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
