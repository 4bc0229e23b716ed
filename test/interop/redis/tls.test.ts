import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, RedisServer } from './redis-server.ts';

const run = promisify(execFile);

describe('over TLS', () => {
  let folder: string;
  let server: RedisServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-tls-'));
    for (const name of ['own', 'foreign']) {
      const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
      const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
      const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
      execFileSync('openssl', ['req', ...kind, ...names, ...files], { stdio: 'ignore' });
    }
    server = await RedisServer.start({ tls: { cert: join(folder, 'own.crt'), key: join(folder, 'own.key') } });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const cli = (...options: string[]) =>
    run('redis-cli', ['-p', `${server.port}`, '--user', 'memory', '-a', KEY, '--no-auth-warning', ...options]);
  const trusting = (name: string) => ['--tls', '--cacert', join(folder, `${name}.crt`)];

  it('redis-cli reads and writes', async () => {
    expect((await cli(...trusting('own'), 'SET', 'a', 'by cli')).stdout).toBe('OK\n');
    expect((await cli(...trusting('own'), 'GET', 'a')).stdout).toBe('by cli\n');
  });

  it('redis-cli refuses a certificate that it does not trust, and is refused without TLS', async () => {
    await expect(cli(...trusting('foreign'), 'PING')).rejects.toThrow(/certificate verify failed/);
    await expect(cli('PING')).rejects.toThrow(/Server closed the connection|Connection reset by peer/);
    expect((await cli(...trusting('own'), 'PING')).stdout).toBe('PONG\n');
  });

  it('redis connects with rediss:, and refuses a certificate that it does not trust', async () => {
    const url = server.url('memory').replace('redis:', 'rediss:');
    const connect = async (name: string) => {
      const ca = await readFile(join(folder, `${name}.crt`), 'utf8');
      const client = createClient({ url, socket: { tls: true, ca, reconnectStrategy: false } });
      client.on('error', () => undefined);
      return client.connect();
    };
    const client = await connect('own');
    expect(await client.set('b', 'by redis')).toBe('OK');
    expect(await client.multi().get('b').incr('n').exec()).toEqual(['by redis', 1]);
    await client.close();
    await expect(connect('foreign')).rejects.toThrow(/self-signed certificate/);
  });
});
