import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const FORMAT = /^pbkdf2_sha256\$([1-9]\d{0,7})\$([A-Za-z0-9_-]{1,128})\$([A-Za-z0-9_-]{43})$/;
const derive = promisify(pbkdf2);

/** Whether the text is a hash as Simple-PyKV writes it: `pbkdf2_sha256$ROUNDS$SALT$HASH`, both base64url without padding. */
export function isPbkdf2(hash: string): boolean {
  return FORMAT.test(hash);
}

/** Whether `secret` gives that hash. Computed on a thread, about 30 ms for 200,000 rounds. False for another format. */
export async function verifyPbkdf2(secret: string, hash: string): Promise<boolean> {
  const [, rounds, salt, expected] = FORMAT.exec(hash) ?? [];
  if (rounds === undefined || salt === undefined || expected === undefined) return false;
  const wanted = Buffer.from(expected, 'base64url');
  const found = await derive(secret, Buffer.from(salt, 'base64url'), Number(rounds), wanted.length, 'sha256');
  return timingSafeEqual(found, wanted);
}
