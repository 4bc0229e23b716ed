import type { Contender, LoadRequest } from './contenders.js';

/** The requests that a load sends to one server, repeated in this order. */
export type Workload = (contender: Contender) => readonly LoadRequest[];

/** How many random keys are picked before the sequence repeats. */
const RANDOM_KEYS = 20_000;

/** Reads the same key with every request. */
export const readOne: Workload = (contender) => [contender.get('one')];

/** Reads the keys that `writeMany` writes, in turn. */
export const readMany: Workload = (contender) => Array.from({ length: 1000 }, (_, i) => contender.get(`key-${i}`));

/** Writes 1,000 keys in turn, so that concurrent writes are of different keys. */
export function writeMany(bytes: number): Workload {
  const value = 'x'.repeat(bytes);
  return (contender) => Array.from({ length: 1000 }, (_, i) => contender.put(`key-${i}`, value));
}

/**
 * A workload of YCSB: a share of reads, the rest updates, on keys of zipfian popularity (theta 0.99). The updates of F
 * read the key first.
 */
export function ycsb(kind: 'A' | 'B' | 'C' | 'F', keys: number, bytes: number): Workload {
  const reads = { A: 0.5, B: 0.95, C: 1, F: 0.5 }[kind];
  const value = 'x'.repeat(bytes);
  return (contender) => {
    const random = randomNumbers(kind.charCodeAt(0));
    const pick = zipfian(keys, random);
    return Array.from({ length: RANDOM_KEYS }).flatMap(() => {
      const key = entryKey(pick());
      if (random() < reads) return contender.get(key);
      return kind === 'F' ? [contender.get(key), contender.put(key, value)] : contender.put(key, value);
    });
  };
}

/** The key of the n-th entry that `fill` stores. */
export function entryKey(n: number): string {
  return `user${String(n).padStart(7, '0')}`;
}

/** Transactions of 100 puts of 100 bytes each on PortKV. */
export const transactions: Workload = () =>
  Array.from({ length: 20 }, (_, i) => {
    const put = (k: number) => ({ put: { key: `tx-${i}-${k}`, text: 'x'.repeat(100) } });
    const body = JSON.stringify({ operations: Array.from({ length: 100 }, (_, k) => put(k)) });
    return { method: 'POST', path: '/api/v1/projects/bench/transactions', body };
  });

/** MSET of 100 values of 100 bytes through webdis. */
export const msets: Workload = () =>
  Array.from({ length: 20 }, (_, i) => {
    const pairs = Array.from({ length: 100 }, (_, k) => `tx-${i}-${k}/${'x'.repeat(100)}`);
    return { method: 'POST', path: '/', body: ['MSET', ...pairs].join('/') };
  });

/** Pages of 100 items. */
export const pages: Workload = () => [{ method: 'GET', path: '/api/v1/projects/bench/store?limit=100' }];

/**
 * Random ranks below `count`; lower ranks are more likely. The method is that of YCSB: Gray et al., "Quickly generating
 * billion-record synthetic databases" (SIGMOD 1994). The ranks are then spread out, so that popular keys are not
 * neighbours.
 */
function zipfian(count: number, random: () => number): () => number {
  const theta = 0.99;
  const zeta = (n: number) => Array.from({ length: n }, (_, i) => 1 / (i + 1) ** theta).reduce((a, b) => a + b, 0);
  const all = zeta(count);
  const alpha = 1 / (1 - theta);
  const eta = (1 - (2 / count) ** (1 - theta)) / (1 - zeta(2) / all);
  return () => {
    const u = random();
    const rank = u * all < 1 ? 0 : u * all < 1 + 0.5 ** theta ? 1 : Math.floor(count * (eta * u - eta + 1) ** alpha);
    return (rank * 7919) % count;
  };
}

/** Numbers from 0 to 1, the same in every run (a linear congruential generator modulo 2^32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
