import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const FORMAT = /^pbkdf2_sha256\$([1-9]\d{0,7})\$([A-Za-z0-9_-]{1,128})\$([A-Za-z0-9_-]{43})$/;

/** Whether the text is a hash of Simple-PyKV: `pbkdf2_sha256$ROUNDS$SALT$HASH`, both base64url without padding. */
export function isPbkdf2(hash: string): boolean {
  return FORMAT.test(hash);
}

/** Whether `secret` gives that hash. Takes about 30 ms for 200,000 rounds. False for another format. */
export function verifyPbkdf2(secret: string, hash: string): boolean {
  const [, rounds, salt, expected] = FORMAT.exec(hash) ?? [];
  if (rounds === undefined || salt === undefined || expected === undefined) return false;
  const wanted = Buffer.from(expected, 'base64url');
  const found = pbkdf2Sync(secret, Buffer.from(salt, 'base64url'), Number(rounds), wanted.length, 'sha256');
  return timingSafeEqual(found, wanted);
}
