/** What a tab keeps if it is asked to. The page at /docs reads and writes the same. */
export interface StoredKeys {
  readonly system?: string;
  readonly projects?: Readonly<Record<string, string>>;
}

const NAME = 'portkv.keys';

export function readStored(): StoredKeys | undefined {
  try {
    const text = sessionStorage.getItem(NAME);
    return text === null ? undefined : (JSON.parse(text) as StoredKeys);
  } catch {
    return undefined;
  }
}

export function writeStored(keys: StoredKeys): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(keys));
  } catch {
    // Without storage the keys stay in memory.
  }
}

export function clearStored(): void {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There is no storage.
  }
}
