import type { Contender, LoadRequest } from './contenders.js';

/** What a load sends to one server, again and again in this order. */
export type Workload = (contender: Contender) => readonly LoadRequest[];

/** How many requests with keys drawn by chance are generated before they repeat. */
const DRAWN = 20_000;

/** Reads one key again and again. */
export const readOne: Workload = (contender) => [contender.get('one')];

/** Writes 1,000 keys in turn, so that neighbours never write the same. */
export function writeMany(bytes: number): Workload {
  const value = 'x'.repeat(bytes);
  return (contender) => Array.from({ length: 1000 }, (_, i) => contender.put(`key-${i}`, value));
}

/** A YCSB workload: a share of reads, the rest updates, on zipfian keys (theta 0.99). F reads what it then writes. */
export function ycsb(kind: 'A' | 'B' | 'C' | 'F', keys: number, bytes: number): Workload {
  const reads = { A: 0.5, B: 0.95, C: 1, F: 0.5 }[kind];
  const value = 'x'.repeat(bytes);
  return (contender) => {
    const random = generator(kind.charCodeAt(0));
    const pick = zipfian(keys, random);
    return Array.from({ length: DRAWN }).flatMap(() => {
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
 * Ranks below `count`, the lower the likelier, by the method of Gray et al., "Quickly generating billion-record
 * synthetic databases" (SIGMOD 1994), which YCSB also uses; then spread over all numbers, so that popular keys are not
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

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator modulo 2^32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
