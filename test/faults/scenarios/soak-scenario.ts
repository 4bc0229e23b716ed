import { setTimeout as sleep } from 'node:timers/promises';
import { WireConnection } from '../../harness/wire-connection.js';
import { Ledger } from '../harness/ledger.js';
import { moveTo, withProjectKey } from '../harness/move-request.js';
import { REPORT_MEMORY, type ResourceUsage, resourceUsageOf } from '../harness/server/resource-usage.js';
import { ServerProcess, TIMEOUT } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { type RequestSender, readAll, runWriters, type TrackedProject } from '../harness/workload.js';

/** The time between two requests of a client, in ms. */
const PAUSE = 25;
/** The number of projects whose changes are read: then up to 20,000 of each are kept, more than a short run makes. */
const FOLLOWED = 2;
/** How long the server is given after the last response, in ms. */
const SETTLE = 400;
/** With fewer rounds growth cannot be seen. */
const LEAST = 12;
/** After so many rounds the ledger is replaced, so that the test does not grow either. */
const FORGET = 50;
const MB = 1024 ** 2;

/** A project that migrates to and fro, so that what a migration leaves is noticed, too. */
const MOVER: readonly [ProjectSpec, ProjectSpec] = [
  { id: 'mover', engine: 'lmdb', durable: true, encrypted: false },
  { id: 'mover', engine: 'json-file', durable: true, encrypted: true },
];

/** The resources of a server after each round of load, and what went wrong. */
export interface SoakResult {
  readonly rounds: readonly ResourceUsage[];
  readonly acknowledged: number;
  readonly wrong: readonly string[];
}

/** Runs mixed load on the same few keys for `ms` in all, in rounds of `round` ms; measures the resources after each. */
export async function runSoak(subjects: readonly ProjectSpec[], ms: number, round: number): Promise<SoakResult> {
  const folder = await ServerFolder.make([...subjects, withProjectKey(MOVER[0])]);
  const server = await ServerProcess.start(folder, { node: REPORT_MEMORY });
  await server.ready();
  const projects = subjects.map(({ id }, i) => new SoakedProject(id, server, i < FOLLOWED));
  const rounds: ResourceUsage[] = [];
  const until = performance.now() + ms;
  while ((rounds.length < LEAST || performance.now() < until) && projects.every((it) => it.isWell)) {
    let stopped = false;
    const moving = moveToAndFro(server);
    const using = projects.map((project) => project.use(() => stopped));
    await sleep(round);
    stopped = true;
    await Promise.all([...using, moving]);
    for (const project of projects) await project.settle(rounds.length % FORGET === FORGET - 1);
    await sleep(SETTLE);
    rounds.push(
      await resourceUsageOf(
        server,
        folder,
        subjects.map(({ id }) => id),
      ),
    );
  }
  const { code, signal } = await server.kill('SIGTERM');
  await folder.remove();
  const wrong = projects.flatMap((project) => project.wrong);
  if (code !== 0) wrong.push(`the server ended with ${code ?? signal}`);
  return { rounds, acknowledged: projects.reduce((sum, { acknowledged }) => sum + acknowledged, 0), wrong };
}

/** One project under load. */
class SoakedProject {
  readonly wrong: string[] = [];
  readonly #target: RequestSender;
  /** The requests of clients that disconnect before the response. */
  readonly #left: readonly string[];
  #ledger = new Ledger();
  acknowledged = 0;

  constructor(
    readonly id: string,
    private readonly server: ServerProcess,
    followed: boolean,
  ) {
    const path = `/api/v1/projects/${id}`;
    this.#left = [`GET ${path}/export`, `PUT ${path}/values/own-0`, ...(followed ? [`GET ${path}/changes`] : [])];
    this.#target = {
      send: async (...request) => {
        await sleep(PAUSE);
        return server.send(...request);
      },
    };
  }

  get isWell(): boolean {
    return this.wrong.length === 0;
  }

  get #tested(): TrackedProject {
    return { id: this.id, ledger: this.#ledger, wrong: this.wrong };
  }

  async use(stopped: () => boolean): Promise<void> {
    await Promise.all([runWriters(this.#target, this.#tested, 2, stopped), this.#readAndMistake(stopped)]);
  }

  /** Reads of all kinds, mistakes, and clients that disconnect. */
  async #readAndMistake(stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      await this.#target.send('GET', `${this.id}/store?limit=5`);
      await this.#target.send('GET', `${this.id}/values/none`);
      await this.#target.send('PUT', `${this.id}/values/own-0`, { body: 'x', headers: { 'if-match': '"0"' } });
      await this.#target.send('POST', `${this.id}/transactions`, { body: '{' });
      await this.#target.send('GET', `${this.id}/export`);
      for (const left of this.#left) await this.#leave(left);
    }
  }

  async #leave(request: string): Promise<void> {
    const connection = new WireConnection(this.server.address);
    connection.send(
      Buffer.from(`${request} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Length: 5\r\n\r\n`),
    );
    await sleep(PAUSE);
    connection.destroy();
  }

  async settle(anew: boolean): Promise<void> {
    const found = await readAll(this.server, this.#tested);
    this.wrong.push(...this.#ledger.settle(found).map((what) => `${this.id}: ${what}`));
    this.acknowledged += this.#ledger.acknowledged;
    this.#ledger.acknowledged = 0;
    if (!anew) return;
    this.#ledger = new Ledger();
    for (const [key, value] of found) this.#ledger.begin(key, value)('done');
  }
}

async function moveToAndFro(server: ServerProcess): Promise<void> {
  for (const subject of [MOVER[1], MOVER[0]]) {
    const { status, text } = await moveTo(server, subject, { keep_old_for: '1s' });
    if (status >= 300) throw new Error(text);
    await ended(server);
  }
}

async function ended(server: ServerProcess): Promise<void> {
  for (const end = performance.now() + TIMEOUT; performance.now() < end; await sleep(PAUSE)) {
    const { json } = await server.send('GET', 'mover/migrations');
    if (json.data.every(({ state }: { state: string }) => state !== 'copying')) return;
  }
  throw new Error('a move does not end');
}

/**
 * What grows from round to round, although the data does not. In the first quarter of the rounds caches and the like
 * fill up.
 */
export function growthOf(rounds: readonly ResourceUsage[]): { grown: string[]; figures: Record<string, string> } {
  const steady = rounds.slice(Math.ceil(rounds.length / 4));
  const third = Math.ceil(steady.length / 3);
  const [first, last] = [steady.slice(0, third), steady.slice(-third)];
  const grown: string[] = [];
  const figures: Record<string, string> = {};
  const compare = (name: keyof ResourceUsage, of: (values: number[]) => number, room: (before: number) => number) => {
    const [before, after] = [first, last].map((part) => of(part.map((it) => it[name]))) as [number, number];
    figures[name] = `${shown(before)} → ${shown(after)}`;
    if (after - before > room(before)) grown.push(`${name} grew from ${shown(before)} to ${shown(after)}`);
  };
  compare('memory', least, () => 8 * MB);
  compare('resident', least, () => 48 * MB);
  compare('openFiles', least, () => 0);
  compare('sockets', least, () => 20);
  compare('readers', least, () => 0);
  // A journal grows until it is compacted, and lmdb keeps pages for later.
  compare('bytes', most, (before) => before / 4 + MB / 16);
  return { grown, figures };
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}

function most(values: readonly number[]): number {
  return Math.max(...values);
}

function shown(value: number): string {
  return value < 10_000 ? `${value}` : `${(value / MB).toFixed(1)} MB`;
}
