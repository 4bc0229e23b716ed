import { createHash } from 'node:crypto';
import type { Digest } from '../../application/ports/digest.js';

export function shaDigest(): Digest {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}
