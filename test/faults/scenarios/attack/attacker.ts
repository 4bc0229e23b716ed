import { setTimeout as sleep } from 'node:timers/promises';
import { generateKey } from '../../../../src/infrastructure/security/generated-key.js';
import { WireConnection } from '../../../harness/wire-connection.js';

/**
 * Run as `node attacker.js ADDRESS PROJECT KEY` with a channel to its parent: attacks a server between the messages
 * `attack` and `rest`, and then reports the responses, counted.
 */

/** Sockets that never finish their headers. */
const SLOW = 500;
/** Wrong keys and too large bodies, each second. */
const KEYS = 200;
const BODIES = 50;
/** The announced length of every other body; the others come in chunks. */
const ANNOUNCED = 1024 ** 3;
const CHUNK = 'x'.repeat(100_000);
const TICK = 10;
const PATIENCE = 60_000;

const [address = '', project = '', key = ''] = process.argv.slice(2);
const open = new Set<WireConnection>();
let answers: Record<string, number> = {};
let attacking = false;
let running: Promise<unknown> = Promise.resolve();

process.on('message', async (order) => {
  attacking = order === 'attack';
  if (attacking) {
    running = Promise.all([...Array.from({ length: SLOW }, stall), each(KEYS, guess), each(BODIES, overfill)]);
    return;
  }
  for (const connection of open) connection.destroy();
  await running;
  process.send?.(answers);
  answers = {};
});
process.on('disconnect', () => process.exit(0));

/** Sends a byte a second of a header that does not end, until it is cut off, again and again. */
async function stall(): Promise<void> {
  while (attacking) {
    await asked('slow headers', async (connection) => {
      connection.send(Buffer.from('GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: '));
      const drip = setInterval(() => connection.send(Buffer.from('x')), 1_000);
      try {
        return await connection.answer('GET', PATIENCE);
      } finally {
        clearInterval(drip);
      }
    });
  }
}

/** Sends a well-formed key with the right id and a wrong secret. */
async function guess(): Promise<void> {
  await asked('bad keys', (connection) => {
    connection.send(Buffer.from(`GET ${target()}${authorization(generateKey(key.slice(4, 12)).secret)}\r\n`));
    return connection.answer('GET', PATIENCE);
  });
}

async function overfill(number: number): Promise<void> {
  await asked('large bodies', (connection) => {
    const head = `PUT ${target()}${authorization(key)}`;
    const chunk = `Transfer-Encoding: chunked\r\n\r\n${CHUNK.length.toString(16)}\r\n${CHUNK}\r\n`;
    const body = number % 2 === 0 ? `Content-Length: ${ANNOUNCED}\r\n\r\n${CHUNK}` : chunk;
    connection.send(Buffer.from(head + body));
    return connection.answer('PUT', PATIENCE);
  });
}

async function asked(
  what: string,
  ask: (connection: WireConnection) => Promise<{ status: number } | undefined>,
): Promise<void> {
  const connection = new WireConnection(address);
  open.add(connection);
  const status = await ask(connection).then(
    (answer) => answer?.status ?? 'cut off',
    () => 'no answer',
  );
  open.delete(connection);
  connection.destroy();
  // Requests that are given up at the end do not count.
  if (attacking) answers[`${what} ${status}`] = (answers[`${what} ${status}`] ?? 0) + 1;
}

/** Sends so many requests a second, without waiting for their responses. */
async function each(perSecond: number, ask: (number: number) => Promise<void>): Promise<void> {
  const start = performance.now();
  const asked: Promise<void>[] = [];
  for (let sent = 0; attacking; await sleep(TICK)) {
    for (const due = ((performance.now() - start) / 1000) * perSecond; sent < due; sent++) asked.push(ask(sent));
  }
  await Promise.all(asked);
}

function target(): string {
  return `/api/v1/projects/${project}/values/a HTTP/1.1\r\nHost: x\r\n`;
}

function authorization(secret: string): string {
  return `Authorization: Bearer ${secret}\r\n`;
}
