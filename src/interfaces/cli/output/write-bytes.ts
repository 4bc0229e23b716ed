import { AppError } from '../../../domain/errors.js';

/** Writes to standard output and resolves once the system has taken it. Rejects if that fails: the reader has gone. */
export function writeBytes(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (cause) =>
      cause ? reject(new AppError('unavailable', failedOutputMessage(cause), { cause })) : resolve(),
    );
  });
}

export function failedOutputMessage(cause: Error): string {
  return `Standard output could not be written: ${cause.message}`;
}
