import { setTimeout as sleep } from 'node:timers/promises';
import { ConcurrentClients } from '../../faults/scenarios/concurrent-clients.js';
import type { ServerGroup } from './server-group.js';

/** How many operations succeed between two failures, at least. */
const PROGRESS = 60;

/** Clients that read and write a project at all servers, from when they are made until they are asked to end. */
export class ActiveClients {
  readonly #clients: ConcurrentClients;
  readonly #using: Promise<void>;
  #stopped = false;

  private constructor(group: ServerGroup, clients: ConcurrentClients) {
    this.#clients = clients;
    this.#using = clients.use(group, () => this.#stopped);
  }

  /** Makes the project. */
  static async of(group: ServerGroup, project: string, random: () => number): Promise<ActiveClients> {
    await group.project(project);
    const clients = new ConcurrentClients({ id: project }, random, true);
    await clients.open(group);
    return new ActiveClients(group, clients);
  }

  /** Resolves once some more operations have a known outcome. */
  async progress(): Promise<void> {
    for (const before = this.#known(); this.#known() < before + PROGRESS; ) await sleep(20);
  }

  /** Resolves with the time until a write that has begun now or later is acknowledged, in ms. */
  async untilWrite(): Promise<number> {
    const since = performance.now();
    const isDone = () =>
      this.#clients.history.some(({ kind, start, end }) => kind !== 'get' && start > since && Number.isFinite(end));
    while (!isDone()) await sleep(10);
    return performance.now() - since;
  }

  /** Stops, and returns what no order of the operations explains, with their counts. */
  async end() {
    this.#stopped = true;
    await this.#using;
    const operations = this.#clients.history.length;
    return { problems: this.#clients.verdict(), operations, unknown: operations - this.#known() };
  }

  #known(): number {
    return this.#clients.history.filter(({ end }) => end !== Number.POSITIVE_INFINITY).length;
  }
}
