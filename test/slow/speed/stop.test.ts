import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { PortkvProcess } from '../../harness/portkv-process.js';
import { RawSocket } from '../../harness/raw-socket.js';
import { timeOf } from './statistics.js';

/** How long a server waits at a stop for requests that do not end, in ms: see graceful-shutdown.ts. */
const GRACE = 3_000;
const PROJECT = '/api/v1/projects/first_project';

describe('portkv serve on SIGTERM', function () {
  this.retries(2);
  let folder: string;
  let server: PortkvProcess;
  let address: string;
  let key: string;
  /** How long a stop takes without any client. */
  let calm: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await start();
    key = server.printed('PROJECT_KEY');
    calm = await stop();
    await start();
  });
  afterEach(async () => {
    server.kill('SIGKILL');
    await server.end();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    server = new PortkvProcess(folder);
    address = await server.ready();
  }

  function stop(code = 0): Promise<number> {
    server.kill('SIGTERM');
    return timeOf(async () => expect(await server.end()).to.equal(code));
  }

  it('exits soon after its grace period, whatever clients do', async () => {
    const head = `PUT ${PROJECT}/values/k HTTP/1.1\r\nHost: h\r\nX-API-Key: ${key}\r\nContent-Length: 6\r\n\r\nabc`;
    const sockets = ['', 'GET /livez HTTP/1.1\r\nHo', head].map((bytes) => new RawSocket(address).send(bytes));
    await sleep(200);
    expect(((await stop()) - calm) / GRACE).to.be.below(1.6);
    for (const socket of sockets) socket.destroy();
  });

  it('exits long before the end of its grace period at a second signal', async () => {
    const stuck = new RawSocket(address).send('GET /livez HTTP/1.1\r\nHo');
    await sleep(100);
    server.kill('SIGTERM');
    await sleep(100);
    expect(((await stop(1)) - calm) / GRACE).to.be.below(0.5);
    stuck.destroy();
  });

  it('ends event streams and polls at once', async () => {
    const stream = await EventStreamReader.open(`${address}${PROJECT}/changes`, key);
    await stream.next();
    const poll = fetch(`${address}${PROJECT}/changes?wait=60`, { headers: { 'x-api-key': key } });
    await sleep(200);
    expect(((await stop()) - calm) / GRACE).to.be.below(0.5);
    expect((await poll).status).to.equal(200);
    expect(await stream.next()).to.equal(undefined);
  });
});
