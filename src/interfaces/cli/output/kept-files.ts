import { printMessage } from './messages.js';
/** Prints, on standard error, under which names damaged files are kept that were put aside. */
export function printKept(kept: readonly string[] | undefined): void {
  for (const name of kept ?? []) printMessage(`kept: ${name}, a damaged file that was put aside in the data folder`);
}
