import type { Environment } from './environment.js';
import { METADATA_KEY, type Metadata, parseMetadata } from './metadata.js';

/** What LMDB says of its entries. Throws `CorruptFileError`. */
export function metadataIn(env: Environment): Metadata {
  return parseMetadata(env.meta.getBinary(METADATA_KEY) ?? Buffer.alloc(0));
}

/** The number of the last frame of the journal that LMDB contains. */
export function lastFrameIn(env: Environment): number {
  return metadataIn(env).sequence ?? 0;
}
