import type { FileHandle } from 'node:fs/promises';

/** Writes all bytes, in as many steps as the system needs, and returns their number. */
export async function writeAll(file: FileHandle, bytes: Buffer): Promise<number> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
  return bytes.length;
}
