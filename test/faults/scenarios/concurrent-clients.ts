import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpResponse, RequestOptions } from '../../harness/http-client.js';
import { linearizabilityProblem, type Operation } from '../harness/linearizability-checker.js';
import { ServerProcess } from '../harness/server/server-process.js';
import type { ProjectSpec, ServerFolder } from '../harness/server-folder.js';

const CLIENTS = 8;
const KEYS = 10;
const ACCOUNTS = 6;
/** The least number of operations on each project in a stretch. */
const FEWEST = 40;
const TOTAL = ACCOUNTS * 100;

/** Where clients send their requests: one server, or several in turn. */
export interface RequestTarget {
  /** The path is relative to `/api/v1/projects/`. */
  send(method: string, path: string, sent?: RequestOptions): Promise<HttpResponse>;
}

/** Eight clients that share the keys of one project, and their history. */
export class ConcurrentClients {
  readonly history: Operation[] = [];
  readonly wrong: string[] = [];
  #count = 0;

  constructor(
    readonly subject: Pick<ProjectSpec, 'id'>,
    private readonly random: () => number,
    /** Whether an error of the server but `outcome_unknown` promises that nothing was done. */
    private readonly refusalsAreKnown = false,
  ) {}

  /** Why the history is not linear, and whatever else went wrong. */
  verdict(): string[] {
    const problem = linearizabilityProblem(this.history);
    return problem === undefined ? this.wrong : [...this.wrong, problem];
  }

  /** Fills the bank, in which the sum of the accounts never changes. */
  async open(server: RequestTarget): Promise<void> {
    const operations = Array.from({ length: ACCOUNTS }, (_, i) => ({ put: { key: `bank-${i}`, json: 100 } }));
    const { status, text } = await this.#transaction(server, { operations });
    if (status !== 200) throw new Error(text);
  }

  async use(server: RequestTarget, stopped: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.#client(server, stopped)));
  }

  async #client(server: RequestTarget, stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      const choice = this.random();
      try {
        if (choice < 0.12) await this.#transfer(server);
        else if (choice < 0.24) await this.#audit(server);
        else await this.#operate(server, choice);
      } catch {
        await sleep(5);
      }
    }
  }

  async #operate(server: RequestTarget, choice: number): Promise<void> {
    const key = `key-${Math.floor(this.random() * KEYS)}`;
    this.#count += 1;
    const value = `v${this.#count}`;
    if (choice < 0.5) return this.#note({ key, kind: 'get' }, () => this.#send(server, 'GET', key));
    if (choice < 0.68) return this.#note({ key, kind: 'put', value }, () => this.#send(server, 'PUT', key, value));
    if (choice < 0.78) return this.#note({ key, kind: 'delete' }, () => this.#send(server, 'DELETE', key));
    const before = await this.#send(server, 'GET', key);
    const isThere = before.status === 200;
    const condition: Record<string, string> = isThere
      ? { 'if-match': before.headers.etag ?? '' }
      : { 'if-none-match': '*' };
    const expected = isThere ? before.text : null;
    return this.#note({ key, kind: 'swap', value, expected }, () => this.#send(server, 'PUT', key, value, condition));
  }

  async #note(
    what: Pick<Operation, 'key' | 'kind' | 'value' | 'expected'>,
    ask: () => Promise<HttpResponse>,
  ): Promise<void> {
    const start = performance.now();
    const unknown = { ...what, start, end: Number.POSITIVE_INFINITY };
    try {
      const { status, text } = await ask();
      const end = performance.now();
      const isRefused = this.refusalsAreKnown && !text.includes('outcome_unknown');
      if (status >= 500 && what.kind !== 'get' && !isRefused) this.history.push(unknown);
      if (status >= 500) return await sleep(5);
      this.history.push({ ...what, start, end, ...resultOf(what.kind, status, text) });
    } catch (error) {
      if (what.kind !== 'get') this.history.push(unknown);
      throw error;
    }
  }

  async #transfer(server: RequestTarget): Promise<void> {
    const [from, to] = [Math.floor(this.random() * ACCOUNTS), Math.floor(this.random() * ACCOUNTS)];
    if (from === to) return;
    const by = Math.floor(this.random() * 10);
    const operations = [{ increment: { key: `bank-${from}`, by: -by } }, { increment: { key: `bank-${to}`, by } }];
    await this.#transaction(server, { operations });
  }

  async #audit(server: RequestTarget): Promise<void> {
    const operations = Array.from({ length: ACCOUNTS }, (_, i) => ({ get: { key: `bank-${i}` } }));
    const { status, json, text } = await this.#transaction(server, { operations });
    if (status >= 500) return;
    const values: number[] = status === 200 ? json.data.results.map((it: { value: number } | null) => it?.value) : [];
    const sum = values.reduce((all, it) => all + it, 0);
    if (sum !== TOTAL) this.wrong.push(`the bank holds ${sum}: ${values} ${status === 200 ? '' : text}`);
  }

  #transaction(server: RequestTarget, body: object): Promise<HttpResponse> {
    const headers = { 'content-type': 'application/json' };
    return server.send('POST', `${this.subject.id}/transactions`, { body: JSON.stringify(body), headers });
  }

  #send(server: RequestTarget, method: string, key: string, body?: string, headers = {}): Promise<HttpResponse> {
    return server.send(method, `${this.subject.id}/values/${key}`, {
      ...(body === undefined ? {} : { body }),
      headers,
    });
  }
}

function resultOf(kind: Operation['kind'], status: number, text: string): Pick<Operation, 'result'> {
  if (kind === 'get') return { result: status === 200 ? text : null };
  return { result: status < 300 };
}

/** Runs eight clients per project, and kills the server after every stretch but the last. */
export async function runConcurrentClients(
  folder: ServerFolder,
  subjects: readonly ProjectSpec[],
  random: () => number,
  stretches: readonly number[],
): Promise<ConcurrentClients[]> {
  const all = subjects.map((subject) => new ConcurrentClients(subject, random));
  for (const [i, stretch] of stretches.entries()) {
    const server = await ServerProcess.start(folder);
    await server.ready();
    if (i === 0) for (const clients of all) await clients.open(server);
    let stopped = false;
    const using = all.map((clients) => clients.use(server, () => stopped));
    const enough = all.map(({ history }) => history.length + FEWEST);
    await sleep(stretch);
    // A busy machine takes longer.
    while (all.some(({ history }, i) => history.length < (enough[i] ?? 0))) await sleep(50);
    if (i < stretches.length - 1) await server.kill();
    stopped = true;
    await Promise.all(using);
    if (i === stretches.length - 1) await server.kill('SIGTERM');
  }
  return all;
}
