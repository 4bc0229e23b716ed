import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { DocumentedRoutes } from '../api/documented/documented-routes.js';
import { send } from '../harness/http-client.js';
import { InvalidResponse, WireConnection, type WireResponse } from '../harness/wire-connection.js';
import { type GeneratedRequest, generatedRequest, type RequestPool } from './generators/generated-request.js';
import { RandomSource } from './generators/random-source.js';
import { FUZZ_SEED, scaled, seeded } from './harness/properties.js';
import { problemWith } from './harness/response-check.js';
import type { ProcessFigures } from './harness/server-main.js';
import { ServerProcess } from './harness/server-process.js';

const GENERATED = scaled(88_000);
const RAW = scaled(12_000);
/** Connections at a time. */
const CONNECTIONS = 24;
const RAW_CONNECTIONS = 400;
/**
 * After so many ms without a response a connection counts as forgotten. The server cuts off late clients after two
 * seconds; the rest is for busy machines.
 */
const FORGOTTEN = 60_000;
const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  ':',
  '\u0000',
  '\t',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'GET / ',
  'Host: x\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Connection: close\r\n',
  'Upgrade: h2c\r\n',
  'Expect: 100-continue\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '/',
  '%',
  '\xff',
  ';',
  'CONNECT a:1 HTTP/1.1\r\n',
];

describe(seeded('A server under random requests'), function () {
  this.timeout(60_000 + scaled(600_000));
  const failures: string[] = [];
  const statuses = new Map<number, number>();
  let server: Awaited<ReturnType<typeof ServerProcess.start>>;
  let pool: RequestPool;
  let early: ProcessFigures;

  before(async () => {
    server = await ServerProcess.start();
    pool = await poolOf(server.started);
    await run(scaled(8000), CONNECTIONS, 1, (random) => exchangeRequests(random));
    early = await figuresWhenIdle();
  });
  after(() => server.stop());

  it(`responds correctly to ${GENERATED} requests made from its own document`, async () => {
    await run(GENERATED, CONNECTIONS, 2, (random) => exchangeRequests(random));
    expect(failures).to.deep.equal([]);
    expect(statuses.get(200), 'successful requests').to.be.greaterThan(GENERATED / 20);
  });

  it(`responds to or closes ${RAW} connections with damaged requests, and forgets none`, async () => {
    await run(RAW, RAW_CONNECTIONS, 3, (random) => sendDamaged(random));
    expect(failures).to.deep.equal([]);
  });

  it('still runs, has logged no error, and uses no more resources than before', async () => {
    expect(server.trouble() ?? '').to.equal('');
    const now = await figuresWhenIdle(early.handles);
    const grown = (name: keyof ProcessFigures) => now[name] - early[name];
    const figures = JSON.stringify({ early, now, statuses: [...statuses].sort() });
    if (process.env.FUZZ_SHOW) console.log(figures);
    expect(grown('heap') + grown('external'), figures).to.be.lessThan(24 * 2 ** 20);
    expect(grown('resident'), figures).to.be.lessThan(96 * 2 ** 20);
    expect(grown('handles'), figures).to.be.at.most(0);
  });

  /**
   * Sends `count` requests over so many connections at a time; `use` resolves with the number that a connection sent.
   */
  async function run(
    count: number,
    connections: number,
    salt: number,
    use: (random: RandomSource) => Promise<number>,
  ): Promise<void> {
    let left = count;
    let next = 0;
    const one = async () => {
      while (left > 0 && failures.length < 10 && server.trouble() === undefined) {
        const number = next++;
        try {
          const sent = await use(new RandomSource(FUZZ_SEED + salt * 1_000_003 + number * 7919));
          left -= sent;
        } catch (error) {
          if (!(error instanceof InvalidResponse)) throw error;
          failures.push(error.message);
        }
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
    expect(server.trouble() ?? '').to.equal('');
  }

  /**
   * Sends several requests at a time, in pieces, over one connection; expects all responses, or those up to one that
   * closes it.
   */
  async function exchangeRequests(random: RandomSource): Promise<number> {
    const connection = new WireConnection(server.started.address);
    let sent = 0;
    try {
      for (let batches = 1 + random.below(8); batches > 0; batches--) {
        const requests = Array.from({ length: 1 + random.below(6) }, () => generatedRequest(random, pool));
        await sendInPieces(random, connection, Buffer.concat(requests.map(({ bytes }) => bytes)));
        for (const [i, request] of requests.entries()) {
          sent += 1;
          const next = await check(connection, request, false);
          if (next === 'lost') await Promise.all(requests.slice(i).map(alone));
          if (next !== 'go on') return sent;
        }
      }
      return sent;
    } finally {
      connection.destroy();
    }
  }

  /** Sends a request that must get its response. */
  async function alone(request: GeneratedRequest): Promise<void> {
    const connection = new WireConnection(server.started.address);
    connection.send(request.bytes);
    await check(connection, request, true);
    connection.destroy();
  }

  /**
   * Returns `lost` if the server closed before the response: after an error, or because this process was too slow,
   * while it was already sending the next request or piece. Such requests have to be repeated, `alone`.
   */
  async function check(
    connection: WireConnection,
    request: GeneratedRequest,
    isAlone: boolean,
  ): Promise<'go on' | 'end' | 'lost'> {
    const { method, target, bytes } = request;
    const fail = (why: string) => {
      failures.push(`${why}, to ${JSON.stringify(bytes.toString('latin1').slice(0, 1500))}`);
      return 'end' as const;
    };
    const answer = await connection.answer(method, FORGOTTEN).catch((error: Error) => error);
    const wasCut = answer === undefined || connection.wasReset || /^cut off/.test((answer as Error).message);
    if (!isAlone && wasCut && !isAnswer(answer)) return 'lost';
    if (!isAnswer(answer)) {
      const how = `${isAlone ? ' alone' : ''}${connection.wasReset ? ' by a reset' : ''}`;
      return fail(`${answer?.message ?? 'closed without an answer'}${how}`);
    }
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const raw = /\/values?(\/|\?|$)|^\/(docs|metrics|livez|readyz)/.test(target);
    const problem = problemWith(answer, raw, method !== 'HEAD');
    if (problem !== undefined) return fail(`${problem}: ${answer.status} ${answer.body.toString().slice(0, 500)}`);
    const ends =
      answer.headers.get('connection') === 'close' || answer.headers.get('content-type') === 'text/event-stream';
    return ends ? 'end' : 'go on';
  }

  /**
   * Sends damaged requests over one connection, which the server must close by itself after only complete responses.
   */
  async function sendDamaged(random: RandomSource): Promise<number> {
    const connection = new WireConnection(server.started.address);
    let requests = Array.from({ length: 1 + random.below(3) }, () => generatedRequest(random, pool));
    requests = requests.filter(({ method, target }) => method !== 'HEAD' && !target.includes('/changes'));
    const bytes = random.damaged(Buffer.concat(requests.map((request) => request.bytes)), TOKENS);
    await sendInPieces(random, connection, bytes);
    const ends = random.is(0.5);
    if (ends) connection.end();
    try {
      for (;;) {
        const answer = await connection.answer('GET', FORGOTTEN);
        if (answer === undefined) break;
        const problem = problemWith(answer, true, true);
        if (problem !== undefined) throw new InvalidResponse(`${problem}: ${answer.status} ${answer.body}`);
      }
    } catch (error) {
      // A client that closes in the middle of a response does not get the rest.
      if (!ends || !(error as Error).message.startsWith('cut off')) {
        failures.push(`${(error as Error).message}, to ${JSON.stringify(bytes.toString('latin1').slice(0, 1500))}`);
      }
    }
    connection.destroy();
    return 1;
  }

  /** The resources of the server when every project is empty and every connection closed, for which it gets time. */
  async function figuresWhenIdle(handles = Number.POSITIVE_INFINITY): Promise<ProcessFigures> {
    for (const [i, project] of pool.projects.entries()) {
      await send(server.started.address, 'DELETE', `/api/v1/projects/${project}/store`, {
        headers: { authorization: `Bearer ${pool.keys[i]}`, connection: 'close' },
      });
    }
    await sleep(2000);
    const late = Date.now() + 30_000;
    for (;;) {
      const figures = await server.measure();
      if (figures.handles <= handles || Date.now() > late) return figures;
      await sleep(500);
    }
  }
});

function isAnswer(answer: WireResponse | Error | undefined): answer is WireResponse {
  return answer !== undefined && !(answer instanceof Error);
}

async function sendInPieces(random: RandomSource, connection: WireConnection, bytes: Buffer): Promise<void> {
  let at = 0;
  for (let cuts = random.below(4); cuts > 0; cuts--) {
    const end = at + random.below(bytes.length - at + 1);
    connection.send(bytes.subarray(at, end));
    at = end;
    if (random.is(0.5)) await new Promise((done) => setImmediate(done));
  }
  connection.send(bytes.subarray(at));
}

/** Creates one project per engine of this machine. */
async function poolOf({
  address,
  systemKey,
  projectKey,
}: {
  address: string;
  systemKey: string;
  projectKey: string;
}): Promise<RequestPool> {
  const headers = { authorization: `Bearer ${systemKey}` };
  const projects = ['first_project'];
  const keys = [projectKey];
  for (const engine of localEngineNames) {
    const body = JSON.stringify({ id: `fuzz-${engine}`, storage: { engine } });
    const { json, status, text } = await send(address, 'POST', '/api/v1/projects', { headers, body });
    if (status !== 201) throw new Error(text);
    projects.push(`fuzz-${engine}`);
    keys.push(json.data.new_api_key);
  }
  const { json } = await send(address, 'GET', '/openapi.json', {});
  return { routes: new DocumentedRoutes(json), projects, keys, systemKey };
}
