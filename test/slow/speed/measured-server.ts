import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startServer } from '../../../src/composition/start-server.js';
import { httpLimits } from '../../../src/interfaces/rest/connection/http-limits.js';

/** Run as `node measured-server.js bare|portkv FOLDER`; its parent can ask for its processor time over a channel. */

/** What is sent to the parent first. */
export interface Started {
  readonly address: string;
  readonly systemKey: string;
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

async function started(): Promise<Started> {
  const [name, folder = ''] = process.argv.slice(2);
  if (name === 'portkv') {
    const options = { config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'warn' };
    const { address, firstKeys } = await startServer(options, 'test', { limits: httpLimits });
    return { address, systemKey: firstKeys?.system ?? '' };
  }
  const server = createServer(bare).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, systemKey: '' };
}

process.send?.(await started());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit(0));
