import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../../../src/composition/start-server.js';
import { send } from '../../../harness/http-client.js';
import { nextValue } from '../../harness/workload.js';

/**
 * Run as `node power-loss-writer.js CONFIG WRITES PROJECT…` with a recorder of its system calls: serves and is its own
 * client, so that what a client sent and got is recorded in order with the calls. The project `mover` changes its
 * engine meanwhile.
 */
const [config = '', writes = '0', ...projects] = process.argv.slice(2);
const server = await startServer({ config, port: 0, logLevel: 'error' }, 'test');
say('ready');
let left = Number(writes);
if (projects.includes('mover')) void move();
await Promise.all(projects.flatMap((project) => [0, 1, 2].map((writer) => write(project, writer))));
// Without a stop, which would make durable what was not.
process.exit(0);

async function write(project: string, writer: number): Promise<void> {
  for (let round = 0; left > 0; round++) {
    left -= 1;
    const keys = round % 3 === 0 ? [`pair-${writer}-left`, `pair-${writer}-right`] : [`own-${writer}-${round % 5}`];
    const text = nextValue();
    const gone = keys.length === 1 && round % 7 === 0;
    for (const key of keys) say(`try ${project} ${key} ${gone ? '-' : text.split(':')[0]}`);
    const operations = keys.map((key) => (gone ? { delete: { key } } : { put: { key, text } }));
    const { status, text: answer } = await send(server.address, 'POST', `/api/v1/projects/${project}/transactions`, {
      body: JSON.stringify({ operations }),
      headers: { 'content-type': 'application/json' },
    });
    if (status !== 200) throw new Error(`${project}: ${status} ${answer}`);
    for (const key of keys) say(`ack ${project} ${key}`);
  }
}

async function move(): Promise<void> {
  for (const engine of ['lmdb', 'json-file', 'lmdb']) {
    await sleep(300);
    const body = JSON.stringify({ storage: { engine } });
    await send(server.address, 'PUT', '/api/v1/projects/mover', {
      body,
      headers: { 'content-type': 'application/json' },
    });
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
