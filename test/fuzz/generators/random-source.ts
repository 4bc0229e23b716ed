import { KINDS, type Mutation, mutate } from './mutation.js';

/** Random choices that a seed repeats. */
export class RandomSource {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Mulberry32: at least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number less than `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The bytes with a few changes; inserted bytes are often one of the tokens. */
  damaged(sample: Buffer, tokens: readonly string[]): Buffer {
    let damaged = sample;
    for (let left = 1 + this.below(4); left > 0; left--) damaged = mutate(damaged, this.#mutation(tokens));
    return damaged;
  }

  #mutation(tokens: readonly string[]): Mutation {
    return {
      kind: this.pick(KINDS),
      at: this.below(2 ** 20),
      to: this.below(2 ** 20),
      length: 1 + this.below(30),
      bytes: this.is(0.7) ? Buffer.from(this.pick(tokens), 'latin1') : this.bytes(1 + this.below(4)),
    };
  }
}
