import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../../../src/composition/start-server.js';
import { httpLimits } from '../../../src/interfaces/rest/connection/http-limits.js';

/** Run as `node --expose-gc server-main.js FOLDER` with a channel to its parent: serves until that is closed. */

/** What is sent to the parent first. */
export interface Started {
  readonly address: string;
  readonly systemKey: string;
  readonly projectKey: string;
}

/** The resources of the process, memory in bytes. */
export interface ProcessFigures {
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
  readonly files: number;
  readonly handles: number;
  /** The processor time so far, in ms. */
  readonly cpu: number;
}

/** Short limits, so that a forgotten connection differs from one that the server still waits for. */
const limits = { ...httpLimits, headersTimeout: 2000, bodyTimeout: 2000, keepAliveTimeout: 4000, checkInterval: 200 };

const folder = process.argv[2] as string;
const server = await startServer(
  { config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'warn' },
  'test',
  {
    limits,
  },
);
process.send?.({
  address: server.address,
  systemKey: server.firstKeys?.system ?? '',
  projectKey: server.firstKeys?.project ?? '',
} satisfies Started);
process.on('message', () => void process.send?.(figures()));
process.on('disconnect', () => {
  server.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});

function figures(): ProcessFigures {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    heap: heapUsed,
    external,
    resident: rss,
    files: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate').length,
    cpu: (user + system) / 1000,
  };
}
