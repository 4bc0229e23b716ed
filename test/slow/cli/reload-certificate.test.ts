import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { canCertify, certify, useCertificate } from '../../harness/certificate.js';
import { PortkvProcess } from '../../harness/portkv-process.js';

describe('SIGHUP of a server with TLS', () => {
  let folder: string;
  let server: PortkvProcess;
  let address: URL;

  before(async function () {
    if (!canCertify()) this.skip();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    for (const name of ['first', 'second']) certify(folder, name);
    await useCertificate(folder, 'first');
    const config = { server_tls: { cert: 'tls.crt', key: 'tls.key' }, system: { authentication: { enabled: false } } };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    server = new PortkvProcess(folder);
    address = new URL(await server.ready());
  });
  after(async () => {
    server?.kill('SIGKILL');
    await server?.end();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('reads the certificate again, also if its files look as they did', async () => {
    expect(await subject()).to.equal('first');
    await reload(/the certificate was replaced/);
    await useCertificate(folder, 'second');
    await reload(/the certificate was replaced/);
    expect(await subject()).to.equal('second');
  });

  it('keeps the certificate in use if the new one cannot be used, and says so', async () => {
    await writeFile(join(folder, 'tls.crt'), 'no certificate');
    await reload(/tls\.crt and \S+tls\.key cannot be used .*the previous certificate stays in use/);
    expect(await subject()).to.equal('second');
  });

  /** Sends the signal, and resolves when something is logged that was not before. */
  async function reload(expected: RegExp): Promise<void> {
    const before = server.stderr.length;
    server.kill('SIGHUP');
    while (!expected.test(server.stderr.slice(before))) await sleep(20);
  }

  /** The name in the certificate that the server shows. */
  function subject(): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address.hostname, port: Number(address.port), rejectUnauthorized: false });
      socket.on('error', reject);
      socket.on('secureConnect', () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
    });
  }
});
