import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runPortkv } from '../../harness/portkv-command.js';
import { PortkvProcess } from '../../harness/portkv-process.js';

const run = promisify(execFile);

describe('portkv health', () => {
  let folder: string;
  let server: PortkvProcess | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  afterEach(async () => {
    server?.kill('SIGKILL');
    await server?.end();
    server = undefined;
    await rm(folder, { recursive: true });
  });
  const health = (...more: string[]) => runPortkv(['health', '--config', join(folder, 'config.json'), ...more]);

  async function serve(...options: string[]): Promise<string> {
    server = new PortkvProcess(folder, ['--port', '0', ...options]);
    return server.ready();
  }

  it('exits with 0 while the server listens, whatever its options are, and with 6 before and after', async () => {
    expect((await health()).code).to.equal(6);
    const data = join(folder, 'elsewhere');
    const address = await serve('--host', '0.0.0.0', '--data', data);
    expect(await health('--data', data)).to.deep.include({ code: 0, errors: '' });
    expect((await health('--url', address.replace('0.0.0.0', '127.0.0.1'))).code).to.equal(0);
    expect((await health()).code).to.equal(6);
    server?.kill('SIGKILL');
    await server?.end();
    const { code, errors } = await health('--data', data);
    expect(code).to.equal(6);
    expect(errors.trim().split('\n')).to.have.length(1);
  });

  it('asks over HTTPS if the server has a certificate, for whatever name', async () => {
    const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
    const subject = ['-subj', '/CN=kv.example.org', '-days', '2'];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
    await serve();
    server?.kill('SIGTERM');
    await server?.end();
    const path = join(folder, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...config, server_tls: { cert: 'tls.crt', key: 'tls.key' } }));
    expect(await serve()).to.match(/^https:/);
    expect(await health()).to.deep.include({ code: 0, errors: '' });
  });

  it('is what the image asks', async () => {
    const lines = await readFile('Dockerfile', 'utf8');
    const check = JSON.parse(/HEALTHCHECK[^\n]*\\\n\s+CMD (\[.*\])/.exec(lines)?.[1] ?? '[]') as string[];
    const serving = JSON.parse(/^CMD (\[.*\])/m.exec(lines)?.[1] ?? '[]') as string[];
    expect(check.slice(0, 3)).to.deep.equal(['node', 'bin/portkv.js', 'health']);
    for (const option of ['--config', '--data']) {
      expect(check[check.indexOf(option) + 1]).to.equal(serving[serving.indexOf(option) + 1]);
    }
  });
});
