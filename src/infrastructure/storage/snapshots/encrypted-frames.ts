import type { Cipher } from '../../../application/ports/cipher.js';
import { AppError } from '../../../domain/errors.js';

/** No frame is longer, so that a greater number cannot be a length. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * Encrypts the bytes of a file as frames: each is a u32 (little-endian) with its length, then so many encrypted bytes.
 */
export async function* encryptFrames(
  chunks: AsyncIterable<Uint8Array>,
  cipher: Cipher,
  name: string,
): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const chunk of chunks) {
    const { value } = cipher.encrypt(frame(name, index++, chunk));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(value.length);
    yield length;
    yield value;
  }
}

/** Decrypts them. Rejects with `unavailable` if a frame was changed, moved, or encrypted for another name. */
export async function* decryptFrames(
  chunks: AsyncIterable<Uint8Array>,
  cipher: Cipher,
  name: string,
): AsyncGenerator<Uint8Array> {
  let index = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32LE(0);
      if (end > MAX_FRAME_BYTES) throw new AppError('unavailable', 'an encrypted part has no length that can be');
      if (rest.length < end) break;
      yield cipher.decrypt(frame(name, index++, rest.subarray(LENGTH_BYTES, end))).value;
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new AppError('unavailable', 'the last encrypted part is cut off');
}

/**
 * A part of a file as an entry, which a cipher encrypts bound to its name and position. No real entry has an empty key.
 */
function frame(name: string, index: number, value: Uint8Array) {
  return { key: '', contentType: name, version: index, createdAt: 0, updatedAt: 0, value };
}
