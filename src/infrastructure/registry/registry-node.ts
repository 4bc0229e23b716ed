import { randomUUID } from 'node:crypto';
import type { Logger } from '../../application/ports/logger.js';
import type { Node, NodeAbout } from '../../application/ports/registry/nodes.js';
import { AppError } from '../../domain/errors.js';
import type { Documents, Heartbeat, NodeReport } from './documents.js';
import { requireUniqueId } from './node-id.js';
import type { RegistryRates } from './registry-rates.js';
import { SeenReports } from './seen-reports.js';

/** The time between two reports, in ms. */
const INTERVAL = 200;
/** How long a report may take, in ms. */
const REPORT_TIMEOUT = 1_500;
/** How long after the last report that found nothing newer requests are served, in ms. */
const MAX_AGE = 2_000;
/** How long another node may be silent and still serve, in ms, as it is seen here. */
const MAX_SILENCE = MAX_AGE + 1_000;
/** How long a change waits for the other nodes, in ms: after that they serve nothing that is older. */
const MAX_WAIT = MAX_AGE + 500;
/** The time between two looks at the other nodes while a change waits for them, in ms. */
const WAIT_INTERVAL = 25;
/** The pause after a configuration that cannot be used, in ms. */
const FAILURE_PAUSE = 1_000;

/**
 * This server among those that share a registry. It reports to the registry which revision it serves, some times a
 * second, and learns of newer ones by that. If it cannot, it refuses requests: what it serves may be out of date.
 */
export class RegistryNode {
  readonly #id = randomUUID();
  readonly #documents: Documents;
  readonly #applied: () => number;
  readonly #rates: RegistryRates;
  /** The last reports of nodes that have ended, by their ids. */
  readonly #ended = new Map<string, number>();
  readonly #seen = new SeenReports();
  #about: NodeAbout | undefined;
  #count = 0;
  /** When the last report that found nothing newer was sent. */
  #currentAt = Number.NEGATIVE_INFINITY;
  /** The same of one that was recorded. */
  #recordedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #stopped = false;
  #isFull = false;
  #problem: string | undefined;
  #join: () => void = () => undefined;
  /** Resolves when this server is one of those that others wait for, or has ended. */
  readonly joined = new Promise<void>((resolve) => {
    this.#join = resolve;
  });

  /** `applied` returns the revision that this server serves; `rates` are reported to the others. */
  constructor(documents: Documents, applied: () => number, rates: RegistryRates) {
    this.#documents = documents;
    this.#applied = applied;
    this.#rates = rates;
  }

  /** The id of this process in its reports. */
  get run(): string {
    return this.#id;
  }

  /** Whether another process may have leases: it reported a moment ago. */
  mayHaveLeases(run: string): boolean {
    return this.#seen.has(run) && this.#seen.silentFor(run) < MAX_SILENCE;
  }

  /** Whether no other server has changed anything that was acknowledged and is not served here. */
  get isCurrent(): boolean {
    return performance.now() - this.#currentAt < MAX_AGE;
  }

  /** Whether others take it for one that serves, too. */
  get isReporting(): boolean {
    return performance.now() - this.#recordedAt < MAX_AGE;
  }

  /** Throws `unavailable` if keys and settings may be out of date. */
  requireCurrent(): void {
    if (this.isCurrent) return;
    const message = `The registry has not answered this server for ${MAX_AGE / 1000} s: try another one, or later`;
    throw new AppError('unavailable', message);
  }

  /**
   * Begins to report, as `about` says of this server. `reload` takes over the newest revision, and never rejects.
   * Resolves once one was found current. Rejects with `unavailable`, also if another server has the same id.
   */
  async start(about: NodeAbout, reload: () => Promise<void>, log: Logger): Promise<void> {
    this.#about = about;
    const same = await requireUniqueId(this.#id, about.id, () => this.#recordedReport(), MAX_AGE);
    for (const node of same) this.#noteEnd(node);
    await this.#beat(reload, log);
    for (let tries = 0; !this.isCurrent && tries < 10; tries++) await this.#beat(reload, log);
    if (!this.isCurrent) throw new AppError('unavailable', `The registry cannot be used: ${this.#problem}`);
    this.#running = this.#run(reload, log);
    this.#join();
  }

  /** This server and the others, with the ids of their processes. Rejects with `unavailable`. */
  async list(): Promise<readonly (Omit<Node, 'leases'> & { readonly run: string })[]> {
    const { revision, others } = await this.#report();
    const nodes = others.map(({ id, applied, about }) => ({
      ...about,
      run: id,
      isSelf: false,
      revision: applied,
      isCurrent: applied >= revision,
      silentFor: this.#seen.silentFor(id),
    }));
    const [applied, about] = [this.#applied(), this.#own().about];
    const own = { ...about, run: this.#id, isSelf: true };
    return [{ ...own, revision: applied, isCurrent: applied >= revision, silentFor: 0 }, ...nodes];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#join();
    await this.#running;
    await within(REPORT_TIMEOUT, this.#documents.forget(this.#own())).catch(() => undefined);
    await within(REPORT_TIMEOUT, this.#documents.close()).catch(() => undefined);
  }

  /** Resolves once every other server serves this revision, or refuses requests. */
  async untilApplied(revision: number): Promise<void> {
    const since = performance.now();
    const first = new Map<string, number>();
    let wasFull = false;
    while (!this.#stopped) {
      const heartbeat = await this.#report().catch(() => undefined);
      wasFull ||= heartbeat?.isFull === true;
      const late = heartbeat?.others.filter((node) => node.applied < revision && !this.#hasEnded(node));
      if (late?.length === 0) return;
      for (const { id, count } of late ?? []) if (!first.has(id)) first.set(id, count);
      if (performance.now() - since >= MAX_WAIT) {
        // One that could not report serves nevertheless.
        const ended = wasFull ? [] : (late ?? []).filter(({ id, count }) => first.get(id) === count);
        for (const node of ended) this.#noteEnd(node);
        return;
      }
      await sleep(WAIT_INTERVAL);
    }
  }

  async #run(reload: () => Promise<void>, log: Logger): Promise<void> {
    while (!this.#stopped) {
      await sleep(INTERVAL);
      await this.#beat(reload, log);
    }
  }

  async #beat(reload: () => Promise<void>, log: Logger): Promise<void> {
    try {
      while (!this.#stopped) {
        const sentAt = performance.now();
        const { revision, isFull } = await this.#report();
        this.#noteRoom(isFull === true, log);
        if (revision === this.#applied()) {
          this.#currentAt = sentAt;
          if (isFull !== true) this.#recordedAt = sentAt;
          if (this.#problem !== undefined) log.info({}, 'the registry answers again');
          this.#problem = undefined;
          return;
        }
        await reload();
        if (revision === this.#applied()) continue;
        // A later one may have come between; if not, the reason was logged.
        await sleep(this.#applied() > revision ? 0 : FAILURE_PAUSE);
        if (!this.isCurrent && this.#applied() < revision) return;
      }
    } catch (error) {
      const { message } = error as Error;
      if (this.#problem === undefined) {
        log.error({}, `${message}: requests are refused ${MAX_AGE / 1000} s after its last answer, until it answers`);
      }
      this.#problem = message;
    }
  }

  #noteRoom(isFull: boolean, log: Logger): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    if (isFull) log.error({}, 'the registry is full: settings and keys cannot be changed until it has room');
    else log.info({}, 'the registry has room again');
  }

  async #recordedReport(): Promise<Heartbeat> {
    const heartbeat = await this.#report();
    if (heartbeat.isFull === true) throw new AppError('unavailable', 'The registry is full: make room, start again');
    return heartbeat;
  }

  async #report(): Promise<Heartbeat> {
    this.#count += 1;
    const heartbeat = await within(REPORT_TIMEOUT, this.#documents.report(this.#own()));
    this.#seen.note(heartbeat.others);
    this.#rates.note(heartbeat.others);
    return heartbeat;
  }

  #own(): NodeReport {
    const report = { id: this.#id, applied: this.#applied(), count: this.#count };
    if (this.#about === undefined) return report;
    const { id, version, address, state } = this.#about;
    const rates = this.#rates.counted();
    return { ...report, about: { id, version, address, state }, ...(rates === undefined ? {} : { rates }) };
  }

  #hasEnded({ id, count }: NodeReport): boolean {
    return this.#ended.get(id) === count;
  }

  #noteEnd(node: NodeReport): void {
    this.#ended.set(node.id, node.count);
    void this.#documents.forget(node).catch(() => undefined);
  }
}

/** Rejects with `unavailable` if it takes longer. What was begun goes on. */
export async function within<T>(ms: number, running: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new AppError('unavailable', `the registry did not answer within ${ms / 1000} s`);
    timer = setTimeout(() => reject(error), ms);
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
