import type { FileHandle } from 'node:fs/promises';

/** The first `length` bytes of a file, or all of a shorter one. */
export async function startOf(file: FileHandle, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

/** Whether what begins so is compressed with gzip. */
export function isZipped(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}
