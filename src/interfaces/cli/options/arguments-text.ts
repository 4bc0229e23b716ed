import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/**
 * Whether node could decode all arguments. It replaces bytes that are not UTF-8 by U+FFFD, which a user may also have
 * typed; Linux shows the bytes that were given.
 */
export function areArgumentsText(argv: readonly string[], rawArguments = '/proc/self/cmdline'): boolean {
  if (!argv.some((argument) => argument.includes('\ufffd'))) return true;
  try {
    return isUtf8(readFileSync(rawArguments));
  } catch {
    return true;
  }
}
