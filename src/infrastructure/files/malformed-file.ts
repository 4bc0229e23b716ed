import { createReadStream } from 'node:fs';
import type { AppError } from '../../domain/errors.js';
import { jsonMistake } from '../../domain/json/mistake.js';
import { type Place, placeText } from '../../domain/json/place.js';
import { type MalformedDataError, unreadableFile } from './storage-errors.js';

/** The longest rest of a file in which the mistake is looked for. */
const MAX_REST = 64 * 1024 * 1024;

/** For a file that people edit, too: names line and column beside the byte. */
export async function malformedFile(path: string, { why, at }: MalformedDataError): Promise<AppError> {
  return unreadableFile(path, `${why}, at byte ${at}${await placeIn(path, at)}`);
}

/** For a file whose members are read one by one; `rest` begins at the byte `from`, with the one that is cut off. */
export async function cutOffFile(path: string, from: number, rest: Buffer): Promise<AppError> {
  const why = `is cut off or no JSON from byte ${from} on`;
  const within = rest.length > MAX_REST ? undefined : Buffer.concat([Buffer.from('{'), rest]);
  const mistake = within && jsonMistake(within, Number.POSITIVE_INFINITY, true);
  if (mistake === undefined || mistake.at === 0) return unreadableFile(path, why);
  const place = await placeIn(path, from + mistake.at - 1);
  return unreadableFile(path, `${why}${place}: ${mistake.why}`);
}

/** ` (line 2, column 5)`; empty if the file cannot be read again. */
async function placeIn(path: string, at: number): Promise<string> {
  try {
    return ` (${placeText(at === 0 ? { line: 1, column: 1 } : await readPlace(path, at))})`;
  } catch {
    return '';
  }
}

async function readPlace(path: string, at: number): Promise<Place> {
  let line = 1;
  let column = 1;
  for await (const text of createReadStream(path, { encoding: 'utf8', end: at - 1 })) {
    const lines = String(text).split('\n');
    const last = lines[lines.length - 1] as string;
    line += lines.length - 1;
    column = (lines.length === 1 ? column : 1) + last.length;
  }
  return { line, column };
}
