/** A SHA-256 over bytes that come in pieces. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** In hexadecimal; ends it. */
  hex(): string;
}
export type NewDigest = () => Digest;
export const NewDigest = Symbol('NewDigest');
