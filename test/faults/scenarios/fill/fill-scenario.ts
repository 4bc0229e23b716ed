import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { withProjectKey } from '../../harness/move-request.js';
import { ServerProcess, TIMEOUT } from '../../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../../harness/server-folder.js';
import { fillUp } from '../full-disk-scenario.js';
import type { Beside } from './beside-a-fill.js';

const CLIENTS = 8;
/** A client stops after so many refusals one after the other; after more if the disk is full only now and then. */
const REFUSALS = 10;
const REFUSALS_BESIDE = 40;
const KIB = 1024;

/** What a project answered while its disk was full, and after that. */
export interface FillResult {
  /** Whatever was wrong. */
  readonly wrong: readonly string[];
  /** How many requests had this outcome: method and status. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How long after room came back a write was accepted, in ms. */
  readonly resumed: number;
}

/**
 * Fills a disk with values of so many bytes as fast as it goes, with `leave` bytes left for that; deletes half of them
 * on the full disk, without a byte that is free; gives room back; compares; kills the server, and compares again. All
 * under a quota that has no room for the refused writes, too, if one of them still counted. `beside` happens all the
 * while.
 */
export async function fillDisk(
  mount: string,
  project: ProjectSpec,
  { bytes, leave }: { readonly bytes: number; readonly leave: number },
  beside?: Beside,
): Promise<FillResult> {
  const subject = withProjectKey(project);
  const limits = { max_keys: 1_000_000, max_total_bytes: leave + 12 * bytes + 256 * KIB };
  const folder = await ServerFolder.make([subject], { min_free_bytes: 0, limits }, mount);
  const run = new Fill(await ServerProcess.start(folder), subject.id, bytes);
  await run.ready();
  await run.put(0, 10);
  const ballast = await fillUp(mount, leave);
  if (beside === undefined) await run.fill(REFUSALS);
  else await run.fillBeside(beside, subject, mount);
  // Another program takes what is left.
  const rest = await fillUp(mount, 0, 'rest');
  await run.deleteHalf();
  await run.put(0, REFUSALS);
  await rm(rest);
  await rm(ballast);
  const resumed = await run.resume();
  await run.putMore();
  await run.compare('on the full disk');
  await run.restart(folder);
  await run.compare('after a kill');
  await run.end();
  await folder.remove();
  return { wrong: run.wrong, outcomes: Object.fromEntries(run.outcomes), resumed };
}

class Fill {
  readonly wrong: string[] = [];
  readonly outcomes = new Map<string, number>();
  readonly #id: string;
  readonly #bytes: number;
  #server: ServerProcess;
  /** The keys that were stored, and whether they are still there. */
  readonly #stored = new Map<number, boolean>();
  #next = 0;

  constructor(server: ServerProcess, id: string, bytes: number) {
    this.#server = server;
    this.#id = id;
    this.#bytes = bytes;
  }

  ready(): Promise<void> {
    return this.#server.ready(60_000);
  }

  async fill(refusals: number): Promise<void> {
    let filling = true;
    const reader = (async () => {
      while (filling) {
        if (this.#stored.size > 0) await this.#get([...this.#stored.keys()][this.#stored.size >> 1] as number);
        await sleep(2);
      }
    })();
    await Promise.all(Array.from({ length: CLIENTS }, () => this.put(refusals, Number.POSITIVE_INFINITY)));
    filling = false;
    await reader;
  }

  async fillBeside(beside: Beside, subject: ProjectSpec, mount: string): Promise<void> {
    let filling = true;
    const other = async () => {
      while (filling && this.wrong.length === 0) {
        try {
          this.#count(`${beside.name} ${await beside.once({ server: this.#server, subject, mount })}`);
        } catch (error) {
          this.wrong.push((error as Error).message);
        }
        await sleep(10);
      }
    };
    const ended = this.fill(REFUSALS_BESIDE).finally(() => {
      filling = false;
    });
    await Promise.all([ended, other()]);
  }

  /** Puts new keys until so many were refused one after the other, or `most`. */
  async put(refusals: number, most: number): Promise<void> {
    let refused = 0;
    for (let i = 0; i < most && (refusals === 0 || refused < refusals); i++) {
      const key = this.#next++;
      const status = await this.#request('PUT', key, [201, 204, 507], { body: this.#value(key) });
      if (status < 300) this.#stored.set(key, true);
      refused = status === 507 ? refused + 1 : 0;
      if (this.wrong.length > 0) return;
    }
  }

  async deleteHalf(): Promise<void> {
    const keys = [...this.#stored.keys()].filter((key) => key % 2 === 1).slice(0, 100);
    for (const key of keys) {
      await this.#request('DELETE', key, [200, 204]);
      this.#stored.set(key, false);
    }
  }

  /** Resolves when a write is accepted, with the time until then. */
  async resume(): Promise<number> {
    const began = performance.now();
    const [first = 0] = this.#stored.keys();
    while ((await this.#request('PUT', first, [201, 204, 507], { body: this.#value(first) })) > 299) {
      if (performance.now() - began > TIMEOUT) {
        this.wrong.push(`it does not resume: ${this.#server.log.slice(-500)}`);
        break;
      }
      await sleep(20);
    }
    this.#stored.set(first, true);
    return performance.now() - began;
  }

  /** Puts new keys: there is room. */
  async putMore(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      const key = this.#next++;
      await this.#request('PUT', key, [201], { body: this.#value(key) });
      this.#stored.set(key, true);
    }
  }

  async compare(when: string): Promise<void> {
    const all = [...this.#stored];
    // Of very many small values, some.
    const step = Math.ceil(all.length / 2_000);
    for (const [key, isThere] of all.filter((_, i) => i % step === 0)) {
      const { status, text } = await this.#server.send('GET', this.#path(key));
      const isRight = isThere ? status === 200 && text === this.#value(key) : status === 404;
      if (!isRight) this.wrong.push(`${when}: ${key} is ${status} ${text.slice(0, 200)}`);
      if (this.wrong.length > 5) return;
    }
    const { text, json } = await this.#server.send('GET', `${this.#id}/store?prefix=fill-&count=only`);
    const keys = all.filter(([, isThere]) => isThere).length;
    if (json?.data?.count !== keys) this.wrong.push(`${when}: not ${keys} keys, but ${text}`);
  }

  async restart(folder: ServerFolder): Promise<void> {
    await this.#server.kill();
    this.#server = await ServerProcess.start(folder);
    await this.#server.ready(60_000);
  }

  async end(): Promise<void> {
    await this.#server.kill('SIGTERM');
  }

  async #get(key: number): Promise<void> {
    await this.#request('GET', key, [200]);
  }

  async #request(method: string, key: number, expected: readonly number[], sent = {}): Promise<number> {
    const { status, text } = await this.#server.send(method, this.#path(key), sent);
    this.#count(`${method} ${status}`);
    if (!expected.includes(status)) this.wrong.push(`${method} ${key}: ${status} ${text.slice(0, 300)}`);
    return status;
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  #path(key: number): string {
    return `${this.#id}/values/fill-${key}`;
  }

  #value(key: number): string {
    return `${key}:`.padEnd(this.#bytes, 'x');
  }
}

/** A disk, the values that fill it, and what is left for them on it; small values fill only a part of a large one. */
export interface DiskFill {
  /** Both in MB. */
  readonly disk: number;
  readonly leave: number;
  readonly bytes: number;
  readonly encrypted: boolean;
}

/** What a build fills. */
export const SHORT_FILLS: readonly DiskFill[] = [
  { disk: 16, bytes: 100, leave: 1, encrypted: false },
  { disk: 16, bytes: 64 * KIB, leave: 8, encrypted: true },
];

/** What is filled while something else goes on. */
export const FILL_BESIDE: DiskFill = { disk: 16, bytes: 64 * KIB, leave: 4, encrypted: true };

/** What a long run fills besides. */
export const LONG_FILLS: readonly DiskFill[] = [
  { disk: 16, bytes: 100, leave: 3, encrypted: false },
  { disk: 16, bytes: 64 * KIB, leave: 12, encrypted: false },
  { disk: 96, bytes: 64 * KIB, leave: 64, encrypted: true },
  { disk: 96, bytes: 1024 * KIB, leave: 72, encrypted: false },
  { disk: 400, bytes: 100, leave: 4, encrypted: false },
  { disk: 400, bytes: 1024 * KIB, leave: 200, encrypted: false },
  { disk: 400, bytes: 8 * 1024 * KIB, leave: 200, encrypted: false },
];
