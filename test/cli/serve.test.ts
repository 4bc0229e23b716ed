import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortkvProcess } from '../harness/portkv-process.js';
import { RawSocket } from '../harness/raw-socket.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
const VALUE = '/api/v1/projects/first_project/values/k';

describe('portkv serve', () => {
  let folder: string;
  let processes: PortkvProcess[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    processes = [];
  });
  afterEach(async () => {
    for (const started of processes) started.kill('SIGKILL');
    await Promise.all(processes.map((started) => started.end()));
    await rm(folder, { recursive: true, force: true });
  });

  function start(options?: readonly string[], inFolder = folder): PortkvProcess {
    const started = new PortkvProcess(inFolder, options);
    processes.push(started);
    return started;
  }

  async function put(address: string, key: string, body: string): Promise<number> {
    return (await fetch(address + VALUE, { method: 'PUT', headers: { 'x-api-key': key }, body })).status;
  }

  it('creates the keys that a configuration lacks, and prints them once', async () => {
    await copyFile('config.json.example', join(folder, 'config.json'));
    const server = start();
    const address = await server.ready();
    const printed = [...server.stdout.matchAll(/^(\w+_KEY)=(\S+)(?: # (\S+))?$/gm)];
    expect(printed.map(([, name, , project]) => [name, project])).to.deep.equal([
      ['SYSTEM_KEY', undefined],
      ['PROJECT_KEY', 'first_project'],
      ['PROJECT_KEY', 'scratch'],
    ]);
    for (const [, , key = '', project] of printed) {
      const answer = await fetch(`${address}/api/v1/whoami`, { headers: { 'x-api-key': key } });
      const { data } = (await answer.json()) as { data: { project: string | null } };
      expect(data.project).to.equal(project ?? null);
    }
    expect(await readFile(join(folder, 'config.json'), 'utf8')).not.to.contain(printed[0]?.[2]);
    server.kill('SIGTERM');
    await server.end();
    const second = start();
    await second.ready();
    expect(second.stdout).not.to.match(/KEY/);
  });

  it('answers at SIGTERM also connections that it had not accepted', async () => {
    const server = start();
    const address = await server.ready();
    server.kill('SIGSTOP');
    const sockets = Array.from({ length: 40 }, () => new RawSocket(address).send(GOOD));
    await Promise.all(sockets.map((socket) => socket.connected()));
    server.kill('SIGTERM');
    server.kill('SIGCONT');
    const answers = await Promise.all(sockets.map((socket) => socket.answer()));
    expect(answers.map((answer) => answer?.status)).to.deep.equal(sockets.map(() => 200));
    expect(await server.end()).to.equal(0);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`finishes requests at ${signal}, accepts no other, closes idle connections, and exits with 0`, async () => {
      const server = start();
      const address = await server.ready();
      const key = server.printed('PROJECT_KEY');
      const idle = new RawSocket(address).send(GOOD);
      expect((await idle.answer())?.status).to.equal(200);
      const busy = new RawSocket(address);
      busy.send(
        `PUT ${VALUE} HTTP/1.1\r\nHost: h\r\nX-API-Key: ${key}\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\nabc`,
      );
      expect((await busy.answer())?.status).to.equal(100);
      server.kill(signal);
      expect(await idle.closed(2000)).to.equal(true);
      await expectRefused(address);
      expect((await busy.send('def').answer())?.status).to.equal(201);
      expect(await server.end()).to.equal(0);

      const second = start();
      const answer = await fetch((await second.ready()) + VALUE, { headers: { 'x-api-key': key } });
      expect(await answer.text()).to.equal('abcdef');
      expect(second.stdout).not.to.match(/KEY/);
    });
  }

  it('exits with 1 at a second signal, although a request is under way', async () => {
    const server = start();
    const address = await server.ready();
    const stuck = new RawSocket(address).send('GET /livez HTTP/1.1\r\nHo');
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.kill('SIGTERM');
    expect(await server.end()).to.equal(1);
    stuck.destroy();
  });

  it('still has after a kill what it acknowledged before', async () => {
    const server = start();
    const key = (await server.ready()) && server.printed('PROJECT_KEY');
    expect(await put(await server.ready(), key, 'kept')).to.equal(201);
    server.kill('SIGKILL');
    expect(await server.end()).to.equal('SIGKILL');
    const second = start();
    const answer = await fetch((await second.ready()) + VALUE, { headers: { 'x-api-key': key } });
    expect(await answer.text()).to.equal('kept');
    expect(second.stdout).not.to.include('KEY=');
  });

  it('refuses to serve a data folder that another process uses, and names that process', async () => {
    const first = start();
    await first.ready();
    const second = start();
    expect(await second.end()).to.equal(3);
    expect(second.stderr).to.include(`process ${first.child.pid}`);
    expect(second.stderr).not.to.match(/\n\s+at /);
    expect(second.stdout).to.equal('');
  });

  it('reports that its port is in use, and exits with 1', async () => {
    const first = start();
    const port = new URL(await first.ready()).port;
    const other = await mkdtemp(join(folder, 'other-'));
    const second = start(['--port', port], other);
    expect(await second.end()).to.equal(1);
    expect(second.stderr).to.match(new RegExp(`port ${port}: another program uses that port`));
    expect(second.stderr).not.to.match(/\n\s+at /);
  });

  it('logs each request at level debug, with the id of its key, without secrets, entry keys or values', async () => {
    const server = start(['--port', '0', '--log-level', 'debug']);
    const address = await server.ready();
    const key = server.printed('PROJECT_KEY');
    await fetch(`${address}${VALUE}`, {
      method: 'PUT',
      headers: { 'x-api-key': key, 'x-request-id': 'one' },
      body: 'secret-value',
    });
    await fetch(`${address}/api/v1/projects/first_project/store/secret-name`, { headers: { 'x-request-id': 'two' } });
    await fetch(`${address}/nothing`, { headers: { 'x-request-id': 'three' } });
    server.kill('SIGTERM');
    await server.end();
    const lines = server.stderr.split('\n').filter((line) => line.includes('request_id'));
    const keyId = key.slice(4, 12);
    expect(
      lines
        .map((line) => JSON.parse(line))
        .map(({ time, ms, ...rest }) => ({ ...rest, timed: time !== '' && ms >= 0 })),
    ).to.deep.equal([
      {
        level: 'debug',
        method: 'PUT',
        route: 'putValue',
        status: 201,
        request_id: 'one',
        key_id: keyId,
        msg: 'answered',
        timed: true,
      },
      { level: 'debug', method: 'GET', route: 'getItem', status: 401, request_id: 'two', msg: 'answered', timed: true },
      { level: 'debug', method: 'GET', status: 404, request_id: 'three', msg: 'answered', timed: true },
    ]);
    expect(server.stderr).not.to.include(key).and.not.to.include('secret-');
    const quiet = start(['--port', '0', '--log-level', 'info']);
    await fetch(`${await quiet.ready()}/nothing`);
    quiet.kill('SIGTERM');
    await quiet.end();
    expect(quiet.stderr).not.to.include('request_id');
  });

  it('names every mistake in a configuration, changes nothing and exits with 2', async () => {
    const config = {
      server_port: 'many',
      system: { authentication: { enabled: 3 } },
      projects: [{ id: 'a b' }, { id: 'p', storage: { engine: 'lmbd' } }],
    };
    const file = join(folder, 'config.json');
    await writeFile(file, JSON.stringify(config));
    const server = start();
    expect(await server.end()).to.equal(2);
    for (const path of [
      'server_port',
      'system.authentication.enabled',
      'projects[0].id',
      'projects[1].storage.engine',
    ]) {
      expect(server.stderr).to.include(path);
    }
    expect(server.stderr).not.to.match(/\n\s+at /);
    expect(await readFile(file, 'utf8')).to.equal(JSON.stringify(config));
  });
});

async function expectRefused(address: string): Promise<void> {
  const failure: unknown = await fetch(address).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).to.be.an('error');
}
