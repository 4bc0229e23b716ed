import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpResponse } from '../../harness/http-client.js';

/** How many write at the same time. */
export const WRITERS = 4;

/** Sends one request to a project, to whichever server; the path is that below the project. */
export type Send = (method: string, path: string, body?: string) => Promise<Pick<HttpResponse, 'status' | 'text'>>;

/** Adds to a counter and puts new keys, whatever fails meanwhile, and keeps what was acknowledged. */
export class AcknowledgedWrites {
  increments = 0;
  readonly keys: string[] = [];
  /** Increments and puts of which no answer says whether they were done. */
  readonly unknown = { increments: 0, puts: 0 };
  refused = 0;
  #stopped = false;
  readonly #using: Promise<unknown>;

  constructor(private readonly send: Send) {
    this.#using = Promise.all(Array.from({ length: WRITERS }, (_, i) => this.#write(i)));
  }

  /** Resolves once so many more writes are acknowledged. */
  async progress(count: number): Promise<void> {
    const done = () => this.increments + this.keys.length;
    for (const before = done(); done() < before + count; ) await sleep(10);
  }

  async end(): Promise<void> {
    this.#stopped = true;
    await this.#using;
  }

  /** Which of the keys are missing, and whether the counter is none that the answers explain. */
  async missing(): Promise<string[]> {
    const { text } = await this.send('GET', 'values/n');
    const n = Number(text);
    const most = this.increments + this.unknown.increments;
    const wrong = n >= this.increments && n <= most ? [] : [`n is ${text}, not ${this.increments} to ${most}`];
    const exported = (await this.send('GET', 'export')).text;
    const there = new Set([...exported.matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key));
    return [...wrong, ...this.keys.filter((key) => !there.has(key))];
  }

  async #write(writer: number): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const added = await this.#outcome('POST', 'store/n/increment', '{"by":1}');
      if (added === 'done') this.increments += 1;
      if (added === 'unknown') this.unknown.increments += 1;
      const key = `put-${writer}-${n}`;
      const put = await this.#outcome('PUT', `values/${key}`, `${n}`);
      if (put === 'done') this.keys.push(key);
      if (put === 'unknown') this.unknown.puts += 1;
    }
  }

  async #outcome(method: string, path: string, body: string): Promise<'done' | 'unknown' | 'refused'> {
    try {
      const { status, text } = await this.send(method, path, body);
      if (status < 300) return 'done';
      if (text.includes('outcome_unknown')) return 'unknown';
      this.refused += 1;
      await sleep(10);
      return 'refused';
    } catch {
      await sleep(10);
      return 'unknown';
    }
  }
}
