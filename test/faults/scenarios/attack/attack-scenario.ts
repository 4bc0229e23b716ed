import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generateKey } from '../../../../src/infrastructure/security/generated-key.js';
import { WireConnection } from '../../../harness/wire-connection.js';
import { ServerProcess } from '../../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../../harness/server-folder.js';

/**
 * How many times as long as a request to a plain server that stores, too, a good request may take on a busy machine.
 */
const TIMES_PLAIN = 8;
/** The time between two requests of a good client, in ms. */
const PAUSE = 20;
const MAX_VALUE_BYTES = 65_536;

/** What good clients measured on a server under attack. Times in ms, of the slowest hundredth. */
export interface AttackResult {
  readonly quiet: number;
  readonly attacked: number;
  /** How many requests good clients made under attack. */
  readonly requests: number;
  /** The responses to the attacker, counted. */
  readonly answers: Readonly<Record<string, number>>;
  /** The time of requests to a plain server, which was not attacked, at the same time. */
  readonly plain: number;
  readonly wrong: readonly string[];
}

/** Runs a good client per project, in turn without an attack for `quietFor` ms and under attack for `attackFor` ms. */
export async function attackServer(
  subjects: readonly ProjectSpec[],
  rounds: number,
  quietFor: number,
  attackFor: number,
): Promise<AttackResult> {
  const keyed = subjects.map((subject) => ({ ...subject, key: generateKey().secret }));
  const folder = await ServerFolder.make(keyed, { limits: { max_value_bytes: MAX_VALUE_BYTES } });
  const server = await ServerProcess.start(folder);
  await server.ready();
  const plainServer = child('../../harness/server/plain-server.js', [join(folder.path, 'plain')]);
  const [plainAddress] = (await once(plainServer, 'message')) as [string];
  const clients = keyed.map(({ id, key }) => new GoodClient(server.address, id, key));
  const other = new GoodClient(plainAddress, 'plain', '');
  const attacker = child('attacker.js', [server.address, keyed[0]?.id ?? '', keyed[0]?.key ?? '']);
  const [quiet, attacked, plain]: [number[], number[], number[]] = [[], [], []];
  const answers: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    quiet.push(...(await all(clients, quietFor)));
    attacker.send('attack');
    const [ours, theirs] = await Promise.all([all(clients, attackFor), other.use(attackFor)]);
    attacked.push(...ours);
    plain.push(...theirs);
    attacker.send('rest');
    const [counts] = (await once(attacker, 'message')) as [Record<string, number>];
    for (const [what, count] of Object.entries(counts)) answers[what] = (answers[what] ?? 0) + count;
  }
  for (const it of [attacker, plainServer]) it.disconnect();
  const wrong = [...clients, other].flatMap((client) => client.end());
  await server.kill('SIGTERM');
  await folder.remove();
  const [slowQuiet, slowAttacked, slowPlain] = [quiet, attacked, plain].map(slowestOf) as [number, number, number];
  return { quiet: slowQuiet, attacked: slowAttacked, plain: slowPlain, requests: attacked.length, answers, wrong };
}

function child(name: string, args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(name, import.meta.url)), args);
}

/** Reads and writes one key in turn, on one connection. */
class GoodClient {
  readonly #connection: WireConnection;
  readonly #wrong: string[] = [];
  #count = 0;

  constructor(
    address: string,
    private readonly project: string,
    private readonly key: string,
  ) {
    this.#connection = new WireConnection(address);
  }

  /** How long each request took. */
  async use(ms: number): Promise<number[]> {
    const took: number[] = [];
    for (const until = performance.now() + ms; performance.now() < until && this.#wrong.length === 0; ) {
      const start = performance.now();
      await this.#ask(this.#count++ % 2 === 0 ? 'PUT' : 'GET');
      took.push(performance.now() - start);
      await sleep(PAUSE);
    }
    return took;
  }

  async #ask(method: 'GET' | 'PUT'): Promise<void> {
    const target = `/api/v1/projects/${this.project}/values/a`;
    const head = `${method} ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${this.key}\r\n`;
    this.#connection.send(Buffer.from(head + (method === 'PUT' ? 'Content-Length: 1\r\n\r\nx' : '\r\n')));
    const status = await this.#connection.answer(method, 10_000).then(
      (answer) => answer?.status,
      (error: Error) => error.message,
    );
    if (status !== 200 && status !== 201 && status !== 204) {
      this.#wrong.push(`${this.project}: a good ${method} was answered ${status}`);
    }
  }

  /** Closes the connection, and returns what was wrong. */
  end(): readonly string[] {
    this.#connection.destroy();
    return this.#wrong;
  }
}

async function all(clients: readonly GoodClient[], ms: number): Promise<number[]> {
  return (await Promise.all(clients.map((client) => client.use(ms)))).flat();
}

function slowestOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

/** What is wrong with the result, if the slowest hundredth may take `most` ms, or more on a busy machine. */
export function attackProblems({ wrong, attacked, plain }: AttackResult, most: number): string[] {
  if (attacked < Math.max(most, TIMES_PLAIN * plain)) return [...wrong];
  const took = `${Math.round(attacked)} ms, those to a plain server ${Math.round(plain)} ms`;
  return [...wrong, `the slowest hundredth of good requests took ${took}`];
}
