import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultSwitch, faultEnv } from '../harness/disk/fault-library.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess, TIMEOUT } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { nextValue, readAll, runWriters, type TrackedProject, writeKey } from '../harness/workload.js';

const LARGE = `0:1048576:${'x'.repeat(1024 * 1024)}`;
/** More of these than a store takes that cannot copy any of them. */
const MOST_LARGE = 60;
/** How long after the last call a project is closed at the latest that is closed after a second, in ms. */
const CLOSED_AFTER = 4_000;
/** How long LMDB cannot be written while few writes arrive, in ms: several attempts. */
const FAILING = 2_500;

/** What a store did while its data file could not be written. */
export interface UnwritableResult {
  readonly wrong: readonly string[];
  /** How many writes of 1 MiB were taken before one was refused. */
  readonly taken: number;
  /** The status and code of the refusal. */
  readonly refusal: string;
  /** How long it took until writes were taken again, in ms. */
  readonly recovery: number;
}

/** What a store did that was closed while its data file could not be written. */
export interface CloseResult {
  readonly wrong: readonly string[];
  /** What a read got while the file failed. */
  readonly opened: string;
  /** How long it took until writes were taken again, in ms. */
  readonly recovery: number;
}

/** Makes calls on the data file of an lmdb project fail while it is written and read, then no more. */
export async function failDataFile(library: string, subject: ProjectSpec, rule: string): Promise<UnwritableResult> {
  const run = await Run.start(library, subject);
  await run.write(300);
  run.faults.set(rule);
  await run.write(FAILING);
  run.expectNoRefusal();
  await run.look('while it fails');
  const { taken, refusal } = await fill(run);
  await run.look('while nothing more is taken');
  run.faults.clear();
  const recovery = await untilTaken(run);
  await run.look('after it recovered');
  await run.write(300);
  run.faults.set(rule);
  await run.write(1_200);
  return { wrong: await run.killed(), taken, refusal, recovery };
}

/** Has one write to the data file after the other end in the middle, once each: among them are those of meta pages. */
export async function cutEachWrite(library: string, subject: ProjectSpec, writes: number): Promise<readonly string[]> {
  const run = await Run.start(library, subject);
  for (let n = 1; n <= writes; n++) {
    run.faults.set(`write:SHORT:data.mdb:${n}`);
    await run.write(1_300);
    run.expectNoRefusal();
    await run.look(`after write ${n}`);
  }
  return run.killed();
}

/**
 * Makes calls on the data file fail until after the project was closed because it was not used, and opens it again
 * while they fail and after that.
 */
export async function closeWhileFailing(library: string, subject: ProjectSpec, rule: string): Promise<CloseResult> {
  const run = await Run.start(library, subject, { storage: { close_idle_after: 1 } });
  await run.write(300);
  run.faults.set(rule);
  await run.write(FAILING);
  run.expectNoRefusal();
  await sleep(CLOSED_AFTER);
  const { status, json } = await run.server.send('GET', `${subject.id}/values/own-0-0`);
  const opened = status < 500 ? 'served' : `${status} ${json.error.code}`;
  run.faults.clear();
  const recovery = await untilTaken(run);
  await run.look('after it recovered');
  return { wrong: await run.killed(), opened, recovery };
}

/** A server with one project, whose disk can be made to fail. */
class Run {
  readonly tested: TrackedProject;

  private constructor(
    readonly server: ServerProcess,
    readonly faults: FaultSwitch,
    private readonly folder: ServerFolder,
    id: string,
  ) {
    this.tested = { id, ledger: new Ledger(), wrong: [] };
  }

  static async start(library: string, subject: ProjectSpec, settings: object = {}): Promise<Run> {
    const folder = await ServerFolder.make([subject], settings);
    const faults = new FaultSwitch(join(folder.path, 'faults'));
    const server = await ServerProcess.start(folder, { env: faultEnv(library, folder.data, faults.env) });
    await server.ready();
    return new Run(server, faults, folder, subject.id);
  }

  async write(ms: number): Promise<void> {
    const end = performance.now() + ms;
    await runWriters(this.server, this.tested, 3, () => performance.now() > end);
  }

  expectNoRefusal(): void {
    const { unacknowledged } = this.tested.ledger;
    if (unacknowledged > 0) this.tested.wrong.push(`${unacknowledged} writes were refused although few wait`);
  }

  async look(when: string, at = this.server): Promise<void> {
    const { ledger, wrong } = this.tested;
    wrong.push(...ledger.differences(await readAll(at, this.tested)).map((what) => `${when}: ${what}`));
  }

  /** Kills the server and starts it without faults. Resolves with all that was wrong. */
  async killed(): Promise<readonly string[]> {
    await this.server.kill();
    const again = await ServerProcess.start(this.folder);
    await again.ready();
    await this.look('after a kill', again);
    await again.kill('SIGTERM');
    await this.folder.remove();
    return this.tested.wrong;
  }
}

async function fill({ server, tested }: Run): Promise<{ taken: number; refusal: string }> {
  const path = `${tested.id}/values/large`;
  for (let taken = 0; taken < MOST_LARGE; taken++) {
    const record = tested.ledger.begin('large', LARGE);
    const { status, json } = await server.send('PUT', path, { body: LARGE, headers: { 'content-type': 'text/plain' } });
    record(status < 300 ? 'done' : 'refused');
    if (status >= 300) return { taken, refusal: `${status} ${json.error.code}` };
  }
  return { taken: MOST_LARGE, refusal: 'none' };
}

/** Resolves with how long it took. */
async function untilTaken({ server, tested }: Run): Promise<number> {
  const start = performance.now();
  for (;;) {
    const before = tested.ledger.acknowledged;
    await writeKey(server, tested, 'PUT', 'own-0-0', nextValue());
    const took = performance.now() - start;
    if (tested.ledger.acknowledged > before) return took;
    if (took > TIMEOUT) {
      tested.wrong.push(`no write is taken ${Math.round(took)} ms after the fault is gone`);
      return took;
    }
    await sleep(20);
  }
}
