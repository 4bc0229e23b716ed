/** Which keys somebody watches: those named, or else all with the prefix. */
export interface KeyFilter {
  readonly prefix: string;
  readonly keys: ReadonlySet<string> | undefined;
}

export function passes({ prefix, keys }: KeyFilter, key: string): boolean {
  return keys === undefined ? key.startsWith(prefix) : keys.has(key);
}
