import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { AppError } from '../../../src/domain/errors.js';
import { canCertify, certify, useCertificate } from '../../harness/certificate.js';
import { TestServer } from '../../harness/test-server.js';

const run = promisify(execFile);

describe('TLS', function () {
  this.timeout(30_000);
  let server: TestServer;

  before(async function () {
    if (!canCertify()) this.skip();
    server = await TestServer.start();
    certify(server.folder, 'first');
    certify(server.folder, 'second');
    await useCertificate(server.folder, 'first');
    await server.restart(() => configure(server, { cert: 'tls.crt', key: 'tls.key' }));
  });
  after(() => server?.stop());

  it('has the same routes, limits and errors as HTTP', async () => {
    expect(server.address).to.match(/^https:/);
    const path = '/api/v1/projects/first_project/values/a';
    expect((await ask(server, 'PUT', path, 'hello')).status).to.equal(201);
    expect(await ask(server, 'GET', path)).to.include({ status: 200, text: 'hello' });
    const { status, text } = await ask(server, 'GET', `/${'x'.repeat(9000)}`);
    expect(status).to.equal(414);
    expect(JSON.parse(text).error.code).to.equal('uri_too_long');
  });

  it('takes a certificate and a key that were saved with a byte order mark and the line ends of Windows', async () => {
    for (const name of ['tls.crt', 'tls.key']) {
      const text = await readFile(join(server.folder, name), 'utf8');
      await writeFile(join(server.folder, name), `\uFEFF${text.replaceAll('\n', '\r\n')}`);
    }
    await server.restart();
    expect((await ask(server, 'GET', '/livez')).status).to.equal(200);
    await useCertificate(server.folder, 'first');
    await server.restart();
  });

  it('is used by the command line if it is configured, which trusts the configured certificate', async () => {
    const path = join(server.folder, 'config.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/"server_port": ?\d+/, `"server_port": ${new URL(server.address).port}`));
    const env = { ...process.env, PORTKV_KEY: server.projectKey };
    const share = (...more: string[]) =>
      run(process.execPath, [resolve('bin/portkv.js'), 'share', 'first_project', ...more], { env });
    const { stdout } = await share('--config', path);
    expect(stdout).to.include(`'${server.address}/api/v1/projects/first_project`);
    const refused: { stderr: string } = await share('--url', server.address).catch((error) => error);
    expect(refused.stderr).to.include('--url').and.include('NODE_EXTRA_CA_CERTS');
    await server.restart(async () => {
      expect((await share('--config', path)).stdout).to.include(`'${server.address}/api/v1/projects/first_project`);
      await writeFile(path, text);
    });
  });

  it('refuses versions before 1.2, and connections without TLS', async () => {
    const { port } = new URL(server.address);
    const outcome = await new Promise((resolve) => {
      const options = {
        port: Number(port),
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
      } as const;
      connect({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve('connected')).on('error', () =>
        resolve('refused'),
      );
    });
    expect(outcome).to.equal('refused');
    const plain = await new Promise((resolve) => {
      plainRequest({ port, path: '/livez' }, () => resolve('answered'))
        .on('error', () => resolve('refused'))
        .end();
    });
    expect(plain).to.equal('refused');
    expect((await ask(server, 'GET', '/livez')).status).to.equal(200);
  });

  it('uses a new certificate without a restart, but not a broken one', async () => {
    expect(await shownName(server)).to.equal('first');
    await writeFile(join(server.folder, 'tls.crt'), 'no certificate');
    await sleep(2200);
    expect(await shownName(server)).to.equal('first');
    await useCertificate(server.folder, 'second');
    for (let i = 0; i < 50 && (await shownName(server)) !== 'second'; i++) await sleep(100);
    expect(await shownName(server)).to.equal('second');
  });

  it('does not start with files that cannot be read or do not match, and names them', async () => {
    for (const [tls, message] of [
      [{ cert: 'missing.crt', key: 'tls.key' }, /server_tls\.cert: .*missing\.crt cannot be read/],
      [{ cert: 'first.crt', key: 'second.key' }, /first\.crt and .*second\.key cannot be used/],
      [{ cert: 'first.crt' }, /server_tls\.key \(line \d+, column \d+\): is missing/],
    ] as const) {
      const error = await server.restart(() => configure(server, tls)).catch((it: unknown) => it);
      expect(error).to.be.instanceOf(AppError).with.property('code', 'invalid');
      expect((error as Error).message).to.match(message);
    }
    await configure(server, { cert: 'tls.crt', key: 'tls.key' });
    await server.restart();
  });
});

async function configure({ folder }: TestServer, tls: object): Promise<void> {
  const path = join(folder, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...config, server_tls: tls }));
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly certificate: PeerCertificate;
}

function ask(server: TestServer, method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${server.projectKey}` };
    const sent = request(server.address + path, { method, headers, agent: false, rejectUnauthorized: false });
    sent.on('error', reject).on('response', async (response) => {
      const certificate = (response.socket as TLSSocket).getPeerCertificate();
      const chunks = await response.toArray();
      resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString(), certificate });
    });
    sent.end(body);
  });
}

async function shownName(server: TestServer): Promise<string> {
  const { CN } = (await ask(server, 'GET', '/livez')).certificate.subject;
  return String(CN);
}
