import { failedOutputMessage } from './write-bytes.js';

/**
 * Notices that standard output cannot be written (a full disk, a reader that ended): a command then ends with 1 and one
 * line, unless it failed anyway. Returns a function that makes such failures count for nothing, as a server needs it.
 */
export function noticeFailedOutput(): () => void {
  let failure: Error | undefined;
  let counts = true;
  process.stdout.on('error', (error) => {
    failure ??= error;
  });
  process.stderr.on('error', () => undefined);
  process.on('exit', () => {
    if (failure === undefined || !counts || process.exitCode) return;
    process.exitCode = 1;
    console.error(failedOutputMessage(failure));
  });
  return () => {
    counts = false;
  };
}
