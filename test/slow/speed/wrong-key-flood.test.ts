import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { send } from '../../harness/http-client.js';
import { WireConnection } from '../../harness/wire-connection.js';
import type { Flooded, Order } from './flooder.js';
import type { Started } from './measured-server.js';

const ROUNDS = 5;
/** How long each round measures under right keys, and under wrong ones, in ms. */
const ROUND = 600;
/** The time between two requests of the good client, in ms. */
const PAUSE = 2;
/** The part of the requests that may be slower than what is compared: a few always wait for the scheduler. */
const SLOWEST = 0.05;
/**
 * The most that the slowest may take, relative to as many requests with a right key. (Compared to a quiet server,
 * the work of sending alone would be counted, too: three processes share the machine.)
 */
const MOST = 4;
const ATTACKER = '10.255.0.1';

describe('Under 1,000 wrong keys a second', function () {
  this.timeout(60_000);
  // Other work on the machine can spoil a whole run, but not three in a row.
  this.retries(2);
  const children: ChildProcess[] = [];
  const keys = new Map<string, string>();
  let folder: string;
  let address: string;
  let flooder: ChildProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const { systemKey } = await serve();
    await end(children.pop());
    const file = join(folder, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8'));
    // Allows one process to use many addresses.
    config.system.trust_proxy = 1;
    await writeFile(file, JSON.stringify(config));
    address = (await serve()).address;
    for (const id of ['good', 'victim', 'bystander']) {
      const body = JSON.stringify({ id, storage: { engine: 'lmdb' } });
      const { json } = await send(address, 'POST', '/api/v1/projects', { headers: bearer(systemKey), body });
      keys.set(id, json.data.new_api_key);
    }
    await ask('PUT', 'good', '10.200.0.1');
    const victim = keys.get('victim') ?? '';
    flooder = child('flooder.js', [address, victim.slice(4, 12), 'victim', ATTACKER, victim]);
  });
  after(async () => {
    for (const one of children.reverse()) await end(one);
    await rm(folder, { recursive: true });
  });

  function child(name: string, args: readonly string[]): ChildProcess {
    const script = fileURLToPath(new URL(name, import.meta.url));
    const started = fork(script, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.push(started);
    return started;
  }

  async function serve(): Promise<Started> {
    const [started] = (await once(child('measured-server.js', ['portkv', folder]), 'message')) as [Started];
    return started;
  }

  async function end(one: ChildProcess | undefined): Promise<void> {
    one?.disconnect();
    if (one !== undefined) await once(one, 'exit');
  }

  async function flooded<T>(order: Order, meanwhile: () => Promise<T>): Promise<Flooded & { result: T }> {
    flooder.send(order);
    await sleep(50);
    const result = await meanwhile();
    flooder.send('stop');
    const [summary] = (await once(flooder, 'message')) as [Flooded];
    return { ...summary, result };
  }

  async function ask(method: string, project: string, from: string, key = keys.get(project)): Promise<number> {
    const headers = { ...bearer(key), 'x-forwarded-for': from };
    return (await send(address, method, `/api/v1/projects/${project}/values/a`, { headers, body: 'x' })).status;
  }

  it('the owner of the attacked key, and other clients at the address of the attacker, are served', async () => {
    const { result, statuses, withoutRetryAfter } = await flooded('wrong from one', async () => {
      await sleep(500);
      return [await ask('PUT', 'victim', '10.200.0.2'), await ask('PUT', 'bystander', ATTACKER)];
    });
    for (const status of result) expect(status).to.be.oneOf([201, 204]);
    expect(Object.keys(statuses)).to.deep.equal(['401', '429']);
    expect(withoutRetryAfter, '429 without Retry-After').to.equal(0);
  });

  for (const [from, method] of [
    ['one', 'GET'],
    ['many', 'GET'],
    ['many', 'PUT'],
  ] as const) {
    const source = from === 'one' ? 'one address' : 'many addresses';
    it(`from ${source}, a known client waits hardly longer for its ${method} than under right keys`, async () => {
      const rounds = await compared(from, method);
      // Other work on the machine only adds to a round: the calmest rounds show the effect of the flood.
      const ratio = Math.min(...rounds.map(({ wrong }) => wrong)) / Math.min(...rounds.map(({ right }) => right));
      console.log(`      ${ratio.toFixed(2)} times as long`);
      expect(ratio).to.be.below(MOST);
    });
  }

  /** The slowest of each round, in ms. The first round warms up. */
  async function compared(from: 'one' | 'many', method: 'GET' | 'PUT'): Promise<{ right: number; wrong: number }[]> {
    const rounds: { right: number; wrong: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const right = await slowestUnder(`right from ${from}`, method);
      const wrong = await slowestUnder(`wrong from ${from}`, method);
      if (round > 0) rounds.push({ right, wrong });
    }
    return rounds;
  }

  async function slowestUnder(order: Order, method: 'GET' | 'PUT'): Promise<number> {
    const { result, statuses, ms } = await flooded(order, () => slowest(method));
    const sent = Object.values(statuses).reduce((sum, count) => sum + count);
    expect(sent / (ms / 1000), 'keys a second').to.be.above(500);
    return result;
  }

  async function slowest(method: 'GET' | 'PUT'): Promise<number> {
    const connection = new WireConnection(address);
    const authorization = `Authorization: Bearer ${keys.get('good')}`;
    const head = `${method} /api/v1/projects/good/values/a HTTP/1.1\r\nHost: x\r\n${authorization}`;
    const request = Buffer.from(`${head}\r\n${method === 'PUT' ? 'Content-Length: 1\r\n\r\nx' : '\r\n'}`);
    const took: number[] = [];
    for (const until = performance.now() + ROUND; performance.now() < until; await sleep(PAUSE)) {
      const start = performance.now();
      connection.send(request);
      const status = (await connection.answer(method, 10_000))?.status;
      took.push(performance.now() - start);
      expect(status, 'a good request').to.be.oneOf([200, 204]);
    }
    connection.destroy();
    return took.sort((a, b) => a - b)[Math.floor(took.length * (1 - SLOWEST))] ?? Number.NaN;
  }
});

function bearer(key = ''): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}
