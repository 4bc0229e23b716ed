import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runPortkv } from '../../harness/portkv-command.js';
import { PortkvProcess } from '../../harness/portkv-process.js';

const PROJECT = 'first_project';

describe('A command and the server of its data folder', () => {
  let folder: string;
  let server: PortkvProcess;
  let env: Record<string, string> = {};
  let address: string;
  let other: Server;
  /** What came to the configured port, where another server listens. */
  const strayed: string[] = [];
  const config = () => join(folder, 'config.json');
  const lock = () => join(folder, 'storage_data', 'portkv.lock');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    other = createServer((asked, answer) => {
      strayed.push(`${asked.url} ${asked.headers.authorization}`);
      answer.end('{}');
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const first = new PortkvProcess(folder);
    await first.ready();
    const key = first.printed('PROJECT_KEY');
    first.kill('SIGTERM');
    await first.end();
    const settings = JSON.parse(await readFile(config(), 'utf8'));
    settings.server_port = (other.address() as AddressInfo).port;
    await writeFile(config(), JSON.stringify(settings));
    server = new PortkvProcess(folder, ['--port', '0', '--host', '0.0.0.0']);
    address = (await server.ready()).replace('0.0.0.0', '127.0.0.1');
    env = { PORTKV_KEY: key };
    await fetch(`${address}/api/v1/projects/${PROJECT}/values/a`, {
      method: 'PUT',
      headers: { 'x-api-key': key, 'content-type': 'text/plain' },
      body: 'hello',
    });
  });
  after(async () => {
    server.kill('SIGTERM');
    await server.end();
    other.close();
    await rm(folder, { recursive: true });
  });

  it('finds it at the port of --port, and sends no key to what listens at the configured one', async () => {
    const { code, out, errors } = await runPortkv(['export', PROJECT, '--config', config()], env);
    expect(errors).to.include('1 entries');
    expect([code, out.includes('"hello"')]).to.deep.equal([0, true]);
    const shared = await runPortkv(['share', PROJECT, '--config', config()], env);
    expect(shared.out).to.include(`'${address}/api/v1/projects/${PROJECT}`);
    expect(strayed).to.deep.equal([]);
  });

  it('reads the address in the lock file, which only its owner may read', async () => {
    const { pid, address: written } = JSON.parse(await readFile(lock(), 'utf8'));
    expect(pid).to.equal(server.child.pid);
    expect(written).to.equal(address.replace('127.0.0.1', '0.0.0.0'));
    expect((await stat(lock())).mode & 0o777).to.equal(0o600);
  });

  it('asks no other address if the lock file names none, or that of a process that has ended', async () => {
    const saved = `${lock()}.saved`;
    await copyFile(lock(), saved);
    const strayAddress = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const started = new Date().toISOString();
    const contents = [
      '',
      'null',
      JSON.stringify({ pid: server.child.pid, started }),
      JSON.stringify({ pid: server.child.pid, started, address: 'file:///etc/passwd' }),
      JSON.stringify({ pid: 2 ** 22 + 1, started, address: strayAddress }),
      JSON.stringify({ pid: -1, started, address: strayAddress }),
    ];
    for (const content of contents) {
      await writeFile(lock(), content);
      const { code, errors } = await runPortkv(['export', PROJECT, '--config', config()], env);
      expect(errors.trim().split('\n'), errors).to.have.length(1);
      expect(errors, content).to.include('is in use by').and.include('--url');
      expect(code, content).to.equal(3);
    }
    await copyFile(saved, lock());
    expect(strayed).to.deep.equal([]);
  }).timeout(180_000);

  it('is asked through a proxy with a path prefix, which is in the address that share prints, too', async () => {
    const asked: string[] = [];
    const proxy = createServer((incoming, answer) => {
      asked.push(incoming.url ?? '');
      if (!incoming.url?.startsWith('/kv/api/')) return answer.writeHead(503).end();
      const onward = request(address + incoming.url.slice(3), { method: incoming.method, headers: incoming.headers });
      onward.on('response', (reply) => reply.pipe(answer.writeHead(reply.statusCode ?? 500, reply.headers)));
      return incoming.pipe(onward);
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/kv`;
    const file = join(folder, 'export.ndjson');
    for (const url of [at, `${at}/`, `${at}//`]) {
      expect((await runPortkv(['export', PROJECT, file, '--url', url], env)).code, url).to.equal(0);
    }
    const remote = { ...env, PORTKV_URL: `${at}/` };
    for (const command of [
      ['import', PROJECT, file],
      ['snapshot', 'create', PROJECT],
      ['snapshot', 'list', PROJECT],
      ['migrate', PROJECT, '--to', 'json-file'],
    ]) {
      expect((await runPortkv(command, remote)).code, command.join(' ')).to.equal(0);
    }
    const shared = await runPortkv(['share', PROJECT], remote);
    expect(shared.out).to.include(`'${at}/api/v1/projects/${PROJECT}/`);
    expect(asked.filter((path) => !path.startsWith('/kv/api/v1/'))).to.deep.equal([]);
    proxy.close();
  }).timeout(180_000);
});
