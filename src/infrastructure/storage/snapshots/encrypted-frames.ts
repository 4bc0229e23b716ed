import type { Cipher } from '../../../application/ports/cipher.js';
import { AppError } from '../../../domain/errors.js';

/** No frame is longer: what is read as a length beyond it is none. */
const LONGEST = 64 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** Bytes of a file as frames, each a u32 (little-endian) with its length and then so many sealed bytes. */
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

/** The bytes again. Rejects with `unavailable` where a frame was changed, moved, or sealed for another name. */
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
      if (end > LONGEST) throw new AppError('unavailable', 'an encrypted part has no length that can be');
      if (rest.length < end) break;
      yield cipher.decrypt(frame(name, index++, rest.subarray(LENGTH_BYTES, end))).value;
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new AppError('unavailable', 'the last encrypted part is cut off');
}

/** A cipher seals entries: this one stands for a part of a file, bound to its name and place. No entry has an empty key. */
function frame(name: string, index: number, value: Uint8Array) {
  return { key: '', contentType: name, version: index, createdAt: 0, updatedAt: 0, value };
}
