import { expect } from 'chai';
import { RedisConnection } from '../../harness/redis-connection.js';
import { LinesServer } from '../lines-server.js';
import { portOf, RedisFixture, texts } from './redis-fixture.js';

describe('The Redis transport: limits', () => {
  let portkv: RedisFixture;

  before(async () => {
    portkv = await RedisFixture.start();
  });
  afterEach(() => portkv.closeClients());
  after(() => portkv.stop());

  it('runs no command while a client does not read its replies, and forgets nothing', async () => {
    const redis = await portkv.client('p', portkv.key);
    await redis.send(['SET', 'big', Buffer.alloc(1_000_000, 'x')]);
    redis.socket.pause();
    for (let i = 0; i < 200; i++) redis.write(['GET', 'big']);
    redis.write(['ECHO', 'last']);
    await new Promise((done) => setTimeout(done, 200));
    redis.socket.resume();
    for (let i = 0; i < 200; i++) expect((await redis.reply()) as Buffer).to.have.length(1_000_000);
    expect(texts(await redis.reply())).to.equal('last');
  });

  it('limits what commands that come together may read, also of one key', async () => {
    const redis = await portkv.client('p', portkv.key);
    await redis.send(['SET', 'large', Buffer.alloc(9 * 1024 * 1024, 'x')]);
    expect(await redis.send(['MGET', ...Array(9).fill('large')])).to.match(/^-ERR The values to read have more than/);
    const replies = await redis.sendAll([['SET', 'k', '1'], ...Array(10).fill(['GET', 'large'])]);
    expect(replies[0]).to.equal('+OK');
    expect((replies[1] as Buffer).length).to.equal(9 * 1024 * 1024);
    expect(replies.at(-1)).to.match(/^-ERR the replies to commands that were sent together/);
  }).timeout(60_000);

  it('counts each of the commands that come together, in metrics and in rates', async () => {
    const local = await RedisFixture.start();
    const counted = async (operation: string, outcome: string) => {
      const { text } = await local.server.rest('GET', '/metrics', local.server.systemKey);
      const labels = `transport="redis",operation="${operation}",outcome="${outcome}"`;
      return Number(text.split(`portkv_operation_duration_seconds_count{${labels}} `)[1]?.split('\n')[0] ?? 0);
    };
    const redis = await local.client('p', local.key);
    await redis.sendAll([
      ...Array(20).fill(['GET', 'k']),
      ['INCR', 'n'],
      ...Array(5).fill(['SET', 'k', '1']),
      ['EXISTS', 'k'],
    ]);
    const counts = ['get', 'incr', 'set', 'exists'].map((operation) => counted(operation, 'ok'));
    expect(await Promise.all(counts)).to.deep.equal([20, 1, 5, 1]);
    await local.server.configure({ rate_limits: { per_key: { requests: 30, seconds: 60 } } });
    const limited = await local.client('p', local.key);
    const replies = await limited.sendAll([...Array(20).fill(['GET', 'k']), ...Array(20).fill(['SET', 'k', '1'])]);
    expect(replies.filter((reply) => String(reply).startsWith('-ERR This key may send 30 requests'))).to.have.length(
      11,
    );
    expect(await counted('set', 'rate_limited')).to.equal(11);
    await local.stop();
  });

  it('sends clients beyond the limit the reason, and stops although they sent something', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, max_connections: 1 });
    const port = portOf(local);
    const first = await RedisConnection.open({ port });
    expect(await first.send(['PING'])).to.match(/^-NOAUTH/);
    const further = await Promise.all([1, 2, 3].map(() => RedisConnection.open({ port })));
    for (const one of further) one.write(['HELLO', '3']);
    for (const one of further) expect(await one.reply()).to.equal('-ERR max number of clients reached');
    await Promise.all(further.map((one) => one.closed()));
    await local.stop();
    await first.closed();
  });

  it('ends a connection whose command arrives too slowly, and no other', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, request_timeout: 1 });
    const [slow, fast, idle] = await Promise.all([1, 2, 3].map(() => RedisConnection.open({ port: portOf(local) })));
    const all = [slow, fast, idle] as RedisConnection[];
    for (const one of all) expect(await one.send(['AUTH', 'first_project', local.projectKey])).to.equal('+OK');
    const ended = { slow: false };
    slow?.write(['SET', 'a', '1']);
    slow?.socket.write('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3000000\r\n');
    fast?.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$3000000\r\n');
    slow?.socket.on('close', () => (ended.slow = true));
    let sent = 0;
    while (!ended.slow) {
      await new Promise((done) => setTimeout(done, 50));
      if (slow?.socket.writable) slow.socket.write('x');
      if (sent < 2_500_000) sent += fast?.socket.write(Buffer.alloc(50_000)) === undefined ? 0 : 50_000;
    }
    expect([await slow?.reply(), await slow?.reply()]).to.deep.equal([
      '+OK',
      '-ERR the command did not arrive in time',
    ]);
    fast?.socket.write(Buffer.concat([Buffer.alloc(3_000_000 - sent), Buffer.from('\r\n')]));
    expect(await fast?.reply()).to.equal('+OK');
    expect(await idle?.send(['PING'])).to.equal('+PONG');
    for (const one of all) one.close();
    await local.stop();
  });
});
