import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { canCertify, certify, useCertificate } from '../../harness/certificate.js';
import { RedisConnection } from '../../harness/redis-connection.js';
import { LinesServer } from '../lines-server.js';
import { RedisFixture, texts } from './redis-fixture.js';

describe('The Redis transport: TLS', function () {
  this.timeout(30_000);
  let folder: string;
  let portkv: RedisFixture;

  before(async function () {
    if (!canCertify()) this.skip();
    folder = await mkdtemp(join(tmpdir(), 'portkv-tls-'));
    for (const name of ['first', 'second']) certify(folder, name);
    await useCertificate(folder, 'first');
    portkv = await RedisFixture.start({ tls: { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') } });
  });
  after(async () => {
    await portkv?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  /** A connection that trusts no certificate of ours, so that the test looks at it itself. */
  async function secure(): Promise<TLSSocket> {
    const socket = connect({ port: portkv.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return socket;
  }

  async function expectServed(): Promise<void> {
    const redis = RedisConnection.on(await secure());
    expect(await redis.send(['AUTH', 'p', portkv.key])).to.equal('+OK');
    redis.close();
  }

  it('serves the same commands, and says so in its address', async () => {
    expect(portkv.server.running.others[0]).to.match(/^rediss:\/\/127\.0\.0\.1:\d+$/);
    const redis = RedisConnection.on(await secure());
    expect(await redis.send(['AUTH', 'p', portkv.key])).to.equal('+OK');
    const large = Buffer.alloc(2_000_000, 'x');
    const replies = await redis.sendAll([
      ['SET', 'large', large],
      ['GET', 'large'],
      ['INCR', 'n'],
    ]);
    expect([replies[0], (replies[1] as Buffer).equals(large), replies[2]]).to.deep.equal(['+OK', true, 1n]);
    expect((await portkv.server.rest('GET', 'p/values/n', portkv.key)).text).to.equal('1');
    redis.socket.end('GET n\r\n');
    expect(texts(await redis.reply())).to.equal('1');
    await redis.closed();
  });

  it('ends a connection without TLS, or with rubbish, and goes on serving', async () => {
    for (const sent of [
      'PING\r\n',
      '*1\r\n$4\r\nPING\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\x00\x05rubbi',
      '',
    ]) {
      const socket = connectPlain(portkv.port, '127.0.0.1').on('error', () => undefined);
      let received = '';
      socket.on('data', (bytes) => (received += bytes.toString('latin1')));
      await once(socket, 'connect');
      if (sent === '') socket.destroy();
      else socket.write(sent);
      await once(socket, 'close');
      expect(received, JSON.stringify(sent)).not.to.contain('PONG');
      await expectServed();
    }
  });

  it('cannot be taken for another server: clients refuse a certificate that they do not trust', async () => {
    const socket = connect({ port: portkv.port, host: '127.0.0.1' });
    const [error] = await once(socket, 'secureConnect').then(
      () => [undefined],
      (reason) => [reason],
    );
    expect(error?.code).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT');
    await expectServed();
  });

  it('uses a new certificate for new connections, and keeps the old ones', async () => {
    const [before, redis] = [await secure(), RedisConnection.on(await secure())];
    expect(before.getPeerCertificate().subject.CN).to.equal('first');
    expect(await redis.send(['AUTH', 'p', portkv.key])).to.equal('+OK');
    await useCertificate(folder, 'second');
    for (let name = ''; name !== 'second'; await sleep(50)) {
      const socket = await secure();
      name = String(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    }
    expect(await redis.send(['PING'])).to.equal('+PONG');
    redis.close();
    before.destroy();
  });

  it('starts only with a certificate and its key, and names the file that is wrong', async () => {
    const cert = join(folder, 'first.crt');
    for (const [tls, reason] of [
      [{ cert, key: join(folder, 'none.key') }, 'none.key'],
      [{ cert, key: join(folder, 'second.key') }, 'second.key'],
      [{ cert }, 'must be an object with cert and key'],
    ] as const) {
      const outcome = await LinesServer.start({ kind: 'redis', port: 0, tls }).then(
        (server) => server.stop(),
        (error: Error) => error.message,
      );
      expect(outcome).to.include(reason);
    }
  });
});
