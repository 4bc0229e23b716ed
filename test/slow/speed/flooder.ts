import { setTimeout as sleep } from 'node:timers/promises';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { WireConnection } from '../../harness/wire-connection.js';

/**
 * Run as `node flooder.js ADDRESS ID PROJECT FROM KEY` with a channel to its parent: sends requests to a server that
 * trusts `X-Forwarded-For` between a message with an {@link Order} and `stop`, and then reports the result.
 */

/** Which keys are sent, wrong ones or KEY, and from which addresses: FROM, or a new one for each request. */
export type Order = 'wrong from one' | 'wrong from many' | 'right from one' | 'right from many';

/** What is sent to the parent after each `stop`. */
export interface Flooded {
  /** How long the flood was. */
  readonly ms: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Responses with 429 without Retry-After. */
  readonly withoutRetryAfter: number;
}

/** Spread evenly: all requests after a burst would wait for it, whatever the keys are. */
const PER_SECOND = 1000;
const TICK = 1;
const CONNECTIONS = 200;

const [address = '', keyId = '', project = '', one = '', rightKey = ''] = process.argv.slice(2);

const RIGHT: readonly (() => string)[] = [() => rightKey];
/** Kinds of wrong keys: malformed, of an unknown id, of a known id with a wrong secret, and a guess without an id. */
const WRONG: readonly (() => string)[] = [
  () => `pkv_${'x'.repeat(58)}`,
  () => generateKey().secret,
  () => generateKey(keyId).secret,
  () => `guess-${Math.random()}`,
];

const connections = Array.from({ length: CONNECTIONS }, () => new WireConnection(address));
let flooding: Promise<Flooded> | undefined;
let stopped = true;

process.on('message', async (order: Order | 'stop') => {
  stopped = order === 'stop';
  if (!stopped) flooding = flood(order.startsWith('right') ? RIGHT : WRONG, order.endsWith('many'));
  else process.send?.(await flooding);
});
process.on('disconnect', () => process.exit(0));

async function flood(kinds: readonly (() => string)[], many: boolean): Promise<Flooded> {
  const start = performance.now();
  const answers: Promise<void>[] = [];
  const statuses: Record<string, number> = {};
  let withoutRetryAfter = 0;
  const read = async (connection: WireConnection) => {
    const answer = await connection.answer('GET', 10_000);
    const status = answer?.status ?? 0;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 429 && !/^[1-9]\d*$/.test(answer?.headers.get('retry-after') ?? '')) withoutRetryAfter += 1;
  };
  const waiting = connections.map(() => Promise.resolve());
  for (let sent = 0; !stopped; await sleep(TICK)) {
    for (const due = ((performance.now() - start) / 1000) * PER_SECOND; sent < due; sent++) {
      const at = sent % CONNECTIONS;
      const connection = connections[at] as WireConnection;
      // The kinds in turn, all of them on each connection.
      const key = kinds[(sent + Math.floor(sent / CONNECTIONS)) % kinds.length]?.();
      const from = many ? `10.${sent >> 16}.${(sent >> 8) & 255}.${sent & 255}` : one;
      const head = `GET /api/v1/projects/${project}/values/a HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${from}\r\n`;
      connection.send(Buffer.from(`${head}Authorization: Bearer ${key}\r\n\r\n`));
      const answered = (waiting[at] as Promise<void>).then(() => read(connection));
      waiting[at] = answered;
      answers.push(answered);
    }
  }
  const ms = performance.now() - start;
  await Promise.all(answers);
  return { ms, statuses, withoutRetryAfter };
}
