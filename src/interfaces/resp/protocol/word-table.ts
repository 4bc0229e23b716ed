/** Longer words are not looked for. */
const MAX_WORD_BYTES = 32;

/** Words that clients send again and again, such as names of commands: one buffer for each, and no string is made. */
export class WordTable {
  /** By a hash of their bytes. Of two words with the same hash only the last is here. */
  readonly #words = new Map<number, Buffer>();

  constructor(words: Iterable<Buffer>) {
    for (const word of words) this.#words.set(hashOf(word, 0, word.length), word);
  }

  /** The word that has the bytes between two positions, if it is one of these. */
  find(bytes: Buffer, from: number, to: number): Buffer | undefined {
    if (to - from > MAX_WORD_BYTES) return undefined;
    const word = this.#words.get(hashOf(bytes, from, to));
    if (word === undefined || word.length !== to - from) return undefined;
    for (let at = 0; at < word.length; at++) if (word[at] !== bytes[from + at]) return undefined;
    return word;
  }
}

function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (hash * 31 + (bytes[at] as number)) & 0x3fffffff;
  return hash;
}
