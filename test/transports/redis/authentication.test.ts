import { expect } from 'chai';
import { RedisConnection } from '../../harness/redis-connection.js';
import { LinesServer } from '../lines-server.js';
import { portOf, RedisFixture, texts } from './redis-fixture.js';

describe('The Redis transport: who a client is', () => {
  let portkv: RedisFixture;

  before(async () => {
    portkv = await RedisFixture.start();
  });
  afterEach(() => portkv.closeClients());
  after(() => portkv.stop());

  it('lets clients without a key send little', async () => {
    for (const sent of ['*11\r\n', '*2\r\n$4\r\nAUTH\r\n$20000\r\n']) {
      const redis = await portkv.client();
      redis.socket.write(sent);
      expect(await redis.reply()).to.match(/^-ERR Protocol error: invalid (multibulk|bulk) length$/);
      await redis.closed();
    }
    expect(await (await portkv.client('p', portkv.key)).send(['SET', 'large', Buffer.alloc(20_000)])).to.equal('+OK');
  });

  it('names what is wrong with who a client says it is, in the words of Redis', async () => {
    const wrong = '-WRONGPASS invalid username-password pair or user is disabled.';
    const redis = await portkv.client();
    expect(await redis.send(['GET', 'a'])).to.equal('-NOAUTH Authentication required.');
    expect(await redis.send(['AUTH', 'p', 'nonsense'])).to.equal(wrong);
    expect(await redis.send(['AUTH', 'nosuch', portkv.key])).to.equal(wrong);
    expect(await redis.send(['AUTH', portkv.key])).to.match(/^-ERR AUTH needs the project and its API key/);
    expect(await redis.send(['AUTH', 'p', portkv.server.systemKey])).to.match(/^-NOPERM This is the system key/);
    expect(await redis.send(['HELLO', '3'])).to.match(/^-NOAUTH HELLO must be called|^-NOAUTH Authentication required/);
    expect(await redis.send(['HELLO', '9'])).to.equal('-NOPROTO unsupported protocol version');
    expect(await redis.send(['AUTH', 'p', portkv.key])).to.equal('+OK');
    expect(await redis.send(['AUTH', 'p', 'nonsense'])).to.equal(wrong);
    expect(await redis.send(['SET', 'still', 'mine'])).to.equal('+OK');
    expect(await redis.send(['RESET'])).to.equal('+RESET');
    expect(await redis.send(['GET', 'still'])).to.equal('-NOAUTH Authentication required.');
  });

  it('stops serving a key that is revoked, at the next command', async () => {
    const made = await portkv.server.rest('POST', 'p/api-keys', portkv.key, {
      body: '{"name":"brief","scopes":["read","write"]}',
    });
    const redis = await portkv.client('p', made.json.data.key);
    expect(await redis.send(['SET', 'k', 'v'])).to.equal('+OK');
    expect(await portkv.server.restCode('DELETE', `p/api-keys/${made.json.data.id}`, portkv.key)).to.equal('OK');
    expect(await redis.send(['GET', 'k'])).to.equal('-NOAUTH Authentication required.');
    expect(
      await redis.sendAll([
        ['SET', 'k', '1'],
        ['SET', 'k', '2'],
      ]),
    ).to.deep.equal(Array(2).fill('-NOAUTH Authentication required.'));
  });

  it('confines a key to its scopes and prefix, in pipelines and transactions too', async () => {
    const made = await portkv.server.rest('POST', 'p/api-keys', portkv.key, {
      body: '{"name":"in","scopes":["read","write"],"prefix":"in/"}',
    });
    const redis = await portkv.client('p', made.json.data.key);
    const replies = await redis.sendAll([
      ['SET', 'in/a', '1'],
      ['SET', 'out', '1'],
      ['DEL', 'in/a'],
      ['GET', 'in/a'],
    ]);
    expect(replies[0]).to.equal('+OK');
    expect(replies[1]).to.match(/^-NOPERM This API key is confined to keys that begin with "in\/"/);
    expect(replies[2]).to.match(/^-NOPERM This API key lacks the scope "delete"/);
    expect(texts(replies[3])).to.equal('1');
    const [, , , exec] = await redis.sendAll([['MULTI'], ['SET', 'in/a', '2'], ['SET', 'out', '1'], ['EXEC']]);
    expect(exec).to.match(/^-EXECABORT Transaction discarded because of: NOPERM/);
    expect(texts(await redis.send(['GET', 'in/a']))).to.equal('1');
  });

  it('ends a connection that shows no key in time, and no other', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, authentication_timeout: 1 });
    const port = portOf(local);
    const [silent, wrong, known] = [
      await RedisConnection.open({ port }),
      await RedisConnection.open({ port }),
      await RedisConnection.open({ port }),
    ];
    expect(await wrong.send(['PING'])).to.equal('-NOAUTH Authentication required.');
    expect(await known.send(['AUTH', 'first_project', local.projectKey])).to.equal('+OK');
    await Promise.all([silent.closed(), wrong.closed()]);
    expect(await known.send(['PING'])).to.equal('+PONG');
    known.close();
    await local.stop();
  });
});
