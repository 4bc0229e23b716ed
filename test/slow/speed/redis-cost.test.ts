import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { besideBare, type MeasuredProcess } from './measured-process.js';
import { median } from './statistics.js';

const ROUNDS = 7;
const COMMANDS = 6_000;
const CONNECTIONS = 64;
const VALUE = 'x'.repeat(100);
const REPLY_BYTES = `$${VALUE.length}\r\n${VALUE}\r\n`.length;
const LOGIN_REPLY = '+OK\r\n+OK\r\n';
/**
 * The most processor time of a GET, relative to a bare `node:net` server that only counts commands: with room for
 * noise, but not for a check of the key with each command of a pipeline. What the end of a turn saves does not show: a
 * client as slow as this one is always awake.
 */
const CASES = [
  { pipeline: 1, most: 2.4 },
  { pipeline: 16, most: 4.5 },
] as const;

describe('The processor time of a Redis command', function () {
  this.timeout(120_000);
  const start = besideBare();

  it('stays near that of a bare TCP server', async () => {
    const [bare, portkv] = await start();
    const login = command('AUTH', 'memory', await portkv.project('memory')) + command('SET', 'key', VALUE);
    const ratios = CASES.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, { pipeline }] of CASES.entries()) {
        const [least, ours] = [await costOfGet(bare, pipeline), await costOfGet(portkv, pipeline, login)];
        if (round > 0) ratios[i]?.push(ours / least);
      }
    }
    const medians = ratios.map(median);
    const summary = CASES.map(({ pipeline }, i) => `${medians[i]?.toFixed(2)} with ${pipeline} at once`).join(', ');
    console.log(`      times bare node:net: ${summary}`);
    for (const [i, { pipeline, most }] of CASES.entries()) {
      expect(medians[i], `${pipeline} at once`).to.be.lessThan(most);
    }
  });
});

/** The processor time of the server for one GET, in microseconds; each connection sends `login` first. */
async function costOfGet(server: MeasuredProcess, pipeline: number, login = ''): Promise<number> {
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(server.redisPort, '127.0.0.1').setNoDelay());
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await Promise.all(sockets.map((socket) => answered(socket, login, login === '' ? 0 : LOGIN_REPLY.length)));
  const commands = command('GET', 'key').repeat(pipeline);
  const turns = Math.ceil(COMMANDS / CONNECTIONS);
  const before = await server.used();
  await Promise.all(
    sockets.map(async (socket) => {
      for (let turn = 0; turn < turns; turn++) await answered(socket, commands, pipeline * REPLY_BYTES);
    }),
  );
  const used = (await server.used()) - before;
  for (const socket of sockets) socket.destroy();
  return used / (turns * CONNECTIONS * pipeline);
}

/** Sends commands; resolves when so many bytes have come back. */
function answered(socket: Socket, commands: string, bytes: number): Promise<void> {
  if (bytes === 0) return Promise.resolve();
  return new Promise((resolve) => {
    let left = bytes;
    const received = (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off('data', received);
      resolve();
    };
    socket.on('data', received).write(commands);
  });
}

function command(...words: readonly (string | undefined)[]): string {
  return `*${words.length}\r\n${words.map((word = '') => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
