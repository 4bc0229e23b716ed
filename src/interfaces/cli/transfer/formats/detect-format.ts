import { AppError } from '../../../../domain/errors.js';
import { sampleOf } from '../reading/sample.js';
import { FORMAT_NAMES, type FormatName } from './format.js';
import { formats } from './formats.js';

/** How much of a file shows its format, in bytes. */
export const SAMPLE_BYTES = 1024 * 1024;

/** The format of a file by its name and beginning. Throws `invalid` if none or several fit. */
export function detectFormat(file: string, start: Buffer): FormatName {
  const sample = sampleOf(file, start);
  const fitting = FORMAT_NAMES.filter((name) => formats[name].recognizes(sample));
  const [only, another] = fitting;
  if (only !== undefined && another === undefined) return only;
  const candidates = only === undefined ? FORMAT_NAMES : fitting;
  const what = start.length === 0 ? 'is empty' : 'is in a format that is not clear';
  throw new AppError('invalid', `${file} ${what}: say which with --format, one of ${candidates.join(', ')}`);
}
