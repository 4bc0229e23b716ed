/** Writes to standard output and resolves once the system has taken it. Rejects if the reader has gone. */
export function writeBytes(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
