import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { startServer } from '../../../src/composition/start-server.js';
import { httpLimits } from '../../../src/interfaces/rest/connection/http-limits.js';

/** Run as `node measured-server.js bare|portkv FOLDER`; its parent can ask for its processor time over a channel. */

/** What is sent to the parent first. */
export interface Started {
  readonly address: string;
  readonly systemKey: string;
  /** Where it speaks the Redis protocol. */
  readonly redisPort: number;
}

const BODY = Buffer.alloc(100, 'x');

/** Responds with 100 bytes; reads the body of a PUT first. */
const bare: RequestListener = (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': BODY.length }).end(BODY);
    return;
  }
  request.on('data', () => undefined).on('end', () => response.writeHead(204).end());
};

/** Replies with 100 bytes to every command. */
const bareRedis = createTcpServer((socket) => {
  const reply = `$${BODY.length}\r\n${BODY}\r\n`;
  socket.on('data', (chunk) => socket.write(reply.repeat(chunk.filter((byte) => byte === 0x2a).length)));
});

async function started(): Promise<Started> {
  const [name, folder = ''] = process.argv.slice(2);
  if (name === 'portkv') {
    const options = { config: join(folder, 'config.json'), init: true, port: 0, redisPort: 0, logLevel: 'warn' };
    const { address, others, firstKeys } = await startServer(options, 'test', { limits: httpLimits });
    const redisPort = Number(new URL(others[0] as string).port);
    return { address, systemKey: firstKeys?.system ?? '', redisPort };
  }
  const address = `http://127.0.0.1:${await portOf(createServer(bare))}`;
  return { address, systemKey: '', redisPort: await portOf(bareRedis) };
}

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

process.send?.(await started());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit(0));
