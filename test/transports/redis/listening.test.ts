import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { RedisConnection } from '../../harness/redis-connection.js';
import { LinesServer } from '../lines-server.js';
import { portOf, RedisFixture } from './redis-fixture.js';

const PROJECTS = '/api/v1/projects';

describe('The Redis transport: where it listens', () => {
  let portkv: RedisFixture;

  before(async () => {
    portkv = await RedisFixture.start();
  });
  afterEach(() => portkv.closeClients());
  after(() => portkv.stop());

  it('can be a socket file with a project of its own', async () => {
    const path = join(tmpdir(), `portkv-redis-${process.pid}.sock`);
    const local = await LinesServer.start({ kind: 'redis', path, project: 'first_project' });
    const redis = await RedisConnection.open({ path });
    expect(local.running.others[0]).to.equal(`unix:${path}`);
    expect(await redis.send(['GET', 'a'])).to.equal('-NOAUTH Authentication required.');
    expect(await redis.send(['AUTH', local.projectKey])).to.equal('+OK');
    expect(await redis.send(['SET', 'a', '1'])).to.equal('+OK');
    redis.close();
    await local.stop();
  });

  it('takes the socket file of a server that was killed, and no other file', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'portkv-')), 'redis.sock');
    const left = spawn(process.execPath, [
      '-e',
      `process.getBuiltinModule('node:net').createServer().listen(${JSON.stringify(path)})`,
    ]);
    while (!(await stat(path).catch(() => undefined))) await new Promise((done) => setTimeout(done, 20));
    await expectRejected(
      LinesServer.start({ kind: 'redis', path }),
      `Cannot listen on ${path}: another program listens there`,
    );
    left.kill('SIGKILL');
    await once(left, 'exit');
    const local = await LinesServer.start({ kind: 'redis', path });
    await local.stop();
    await writeFile(path, 'no socket');
    await expectRejected(LinesServer.start({ kind: 'redis', path }), `Cannot listen on ${path}`);
    expect(await readFile(path, 'utf8')).to.equal('no socket');
    await rm(dirname(path), { recursive: true });
  });

  it('lets a command finish when the server stops, and ends every connection', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, project: 'p' });
    const body = JSON.stringify({ id: 'p', storage: { engine: 'json-file' }, authentication: { enabled: false } });
    await local.rest('POST', PROJECTS, local.systemKey, { body });
    const port = portOf(local);
    const [idle, busy] = [await RedisConnection.open({ port }), await RedisConnection.open({ port })];
    expect(await idle.send(['PING'])).to.equal('+PONG');
    busy.write(['SET', 'k', 'v']);
    await once(busy.socket, 'data').then(
      () => undefined,
      () => undefined,
    );
    await local.stop();
    await Promise.all([idle.closed(), busy.closed()]);
  });
});

async function expectRejected(promise: Promise<unknown>, message: string): Promise<void> {
  const outcome = await promise.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );
  expect(outcome).to.include(message);
}
