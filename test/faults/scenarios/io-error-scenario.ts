import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultSwitch, faultEnv } from '../harness/disk/fault-library.js';
import { Ledger } from '../harness/ledger.js';
import { amount, SEED, SOAK } from '../harness/seed.js';
import { ServerProcess, TIMEOUT, TimeoutError, withTimeout } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { nextValue, readAll, runWriters, type TrackedProject, writeKey } from '../harness/workload.js';

/** A system call, and how it fails. */
type Fault = readonly [call: string, error: string];

/**
 * What LMDB 3.5.6 prints if the system refuses one of its writes of pages. It then formats a longer message, with
 * numbers that it never set, into a buffer of 100 bytes: memory after that is overwritten, and the process ends.
 */
const LMDB_WRITE_ERROR = 'Write error: ';
export const ABORT_IN_LMDB = 'SIGABRT in LMDB';

/** The highest n. */
export const MOST = amount(15, 60);
/** The values of n for failures for good, for which the calls after the n-th matter less. */
const SOME = [1, 2, 3, 5, 8, 13];
const FAULTS: readonly Fault[] = [
  ...['EIO', 'ENOSPC', 'SHORT'].map((error) => ['write', error] as const),
  ...['sync', 'rename', 'open', 'truncate'].flatMap((call) => ['EIO', 'ENOSPC'].map((error) => [call, error] as const)),
  // Permission lost, and a file system that became read-only.
  ['open', 'EACCES'],
  ['write', 'EROFS'],
];

interface Figures {
  points: number;
  met: number;
  ended: number;
  restarted: number;
}

/** All faults on one engine, with a plain project, an encrypted one, and a bystander that no fault may affect. */
export class IoErrorScenario {
  readonly figures: Figures = { points: 0, met: 0, ended: 0, restarted: 0 };
  readonly wrong: string[] = [];
  /** How the process ended, if it did. */
  readonly ends = new Set<string>();
  readonly #subjects: ProjectSpec[];
  readonly #all: TrackedProject[];
  readonly #bystander: TrackedProject = { id: 'bystander', ledger: new Ledger(), wrong: [] };

  constructor(
    subjects: readonly ProjectSpec[],
    private readonly library: string,
    private readonly faults: readonly Fault[] = FAULTS,
  ) {
    this.#subjects = subjects.map((subject, i) => ({ ...subject, id: `hit-${i}` }));
    this.#all = this.#subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  }

  async run(): Promise<this> {
    const bystander = { id: 'bystander', engine: 'json-file', durable: true, encrypted: false };
    const folder = await ServerFolder.make([...this.#subjects, bystander]);
    const faults = new FaultSwitch(join(folder.path, 'faults'));
    const env = faultEnv(this.library, folder.data, faults.env);
    const restart = async () => {
      const server = await ServerProcess.start(folder, { env });
      await server.ready();
      return server;
    };
    let server = await restart();
    for (const [call, error] of this.faults) {
      for (const forGood of [false, true]) {
        let untouched = 0;
        for (let n = 1; n <= MOST && untouched < 3 && this.wrong.length === 0; n++) {
          if (forGood && SOAK === 0 && !SOME.includes(n)) continue;
          const rule = `${call}:${error}:/hit-:${n}${forGood ? '+' : ''}`;
          this.figures.points += 1;
          faults.set(rule);
          const met = await this.#point(server);
          faults.clear();
          if (met) this.figures.met += 1;
          untouched = met ? 0 : untouched + 1;
          try {
            await this.#recovers(server, rule);
          } catch (error) {
            if (error instanceof TimeoutError) throw error;
            const { code, signal } = await withTimeout(TIMEOUT, server.ended, rule);
            const end =
              server.log.includes(LMDB_WRITE_ERROR) && signal === 'SIGABRT' ? ABORT_IN_LMDB : `${signal ?? code}`;
            this.ends.add(end);
            if (end !== ABORT_IN_LMDB) console.log(rule, server.log.slice(-1500));
            this.figures.ended += 1;
            server = await restart();
            await this.#recovers(server, rule);
          }
        }
        await server.kill();
        server = await restart();
        this.figures.restarted += 1;
        await this.#look(server, `restart after ${call}:${error}`);
      }
    }
    await server.kill();
    await folder.remove();
    return this;
  }

  /** Writes while faults are on; resolves with whether any write failed. */
  async #point(server: ServerProcess): Promise<boolean> {
    let stopped = false;
    let round = 0;
    const before = this.#all.map(({ ledger }) => ledger.unacknowledged);
    const beside = (async () => {
      while (!stopped && (await writeKey(server, this.#bystander, 'PUT', `own-${round++ % 5}`, nextValue())))
        await sleep(5);
    })();
    const until = performance.now() + 100;
    await Promise.all(this.#all.map((tested) => runWriters(server, tested, 3, () => performance.now() > until)));
    stopped = true;
    await beside;
    return this.#all.some(({ ledger }, i) => ledger.unacknowledged > (before[i] ?? 0));
  }

  /** Waits until all projects recover without a restart, after the fault is gone. */
  async #recovers(server: ServerProcess, rule: string): Promise<void> {
    const end = performance.now() + TIMEOUT;
    for (const { id } of this.#all) {
      for (;;) {
        const { status, text } = await server.send('PUT', `${id}/values/probe`, { body: '0:0:' });
        if (status < 300) break;
        if (performance.now() > end) {
          this.wrong.push(`${rule}: ${id} does not recover: ${status} ${text} ${server.log.slice(-600)}`);
          return;
        }
        await sleep(30);
      }
    }
    await this.#look(server, rule);
  }

  async #look(server: ServerProcess, rule: string): Promise<void> {
    for (const tested of [...this.#all, this.#bystander]) {
      const found = await readAll(server, tested);
      found.delete('probe');
      const wrong = [...tested.wrong.splice(0), ...tested.ledger.settle(found)];
      this.wrong.push(...wrong.map((what) => `${rule}: ${tested.id}: ${what}, seed ${SEED}`));
    }
    if (this.#bystander.ledger.unacknowledged > 0 && this.figures.ended === 0) {
      this.wrong.push(`${rule}: the bystander was not served`);
    }
  }
}
