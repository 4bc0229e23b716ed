import { expect } from 'chai';
import { RedisFixture, texts } from './redis-fixture.js';

describe('The Redis transport: transactions', () => {
  let portkv: RedisFixture;

  before(async () => {
    portkv = await RedisFixture.start();
  });
  afterEach(() => portkv.closeClients());
  after(() => portkv.stop());

  it('runs a transaction only if no watched key was changed by anybody', async () => {
    const [redis, other] = [await portkv.client('p', portkv.key), await portkv.client('p', portkv.key)];
    for (const change of [
      () => other.send(['SET', 'w', '2']),
      () => portkv.server.rest('PUT', 'p/values/w', portkv.key, { body: '3' }),
    ]) {
      await redis.sendAll([['SET', 'w', '1'], ['WATCH', 'w'], ['MULTI'], ['SET', 'done', 'yes']]);
      await change();
      expect(await redis.send(['EXEC'])).to.equal(null);
      expect(await redis.send(['GET', 'done'])).to.equal(null);
    }
    const replies = await redis.sendAll([['WATCH', 'w'], ['MULTI'], ['INCR', 'w'], ['GET', 'w'], ['EXEC']]);
    expect(texts(replies.at(-1))).to.deep.equal([4n, '4']);
  });

  it('forgets a transaction that was refused, whatever the reason', async () => {
    const made = await portkv.server.rest('POST', 'p/api-keys', portkv.key, {
      body: '{"name":"x","scopes":["read","write"]}',
    });
    const redis = await portkv.client('p', made.json.data.key);
    await redis.sendAll([['MULTI'], ['SET', 'refused', '1']]);
    expect(await redis.send(['EXEC', 'extra'])).to.match(/^-EXECABORT .*wrong number/);
    expect(await redis.send(['GET', 'refused'])).to.equal(null);
    await redis.sendAll([['MULTI'], ['SET', 'refused', '1']]);
    await portkv.server.restCode('DELETE', `p/api-keys/${made.json.data.id}`, portkv.key);
    expect(await redis.send(['EXEC'])).to.match(/^-EXECABORT .*NOAUTH/);
    expect(await redis.send(['AUTH', 'p', portkv.key])).to.equal('+OK');
    expect(await redis.send(['GET', 'refused'])).to.equal(null);
  });

  it('queues what Redis queues, and runs the others at once', async () => {
    const redis = await portkv.client('p', portkv.key);
    await redis.sendAll([['SET', 'q', '1'], ['WATCH', 'q'], ['MULTI']]);
    const queued = [['UNWATCH'], ['SELECT', '0'], ['GET', 'q'], ['CLIENT', 'SETNAME', 'me'], ['CONFIG', 'GET', 'save']];
    for (const words of queued) expect(await redis.send(words), words.join(' ')).to.equal('+QUEUED');
    expect(await redis.send(['WATCH', 'q'])).to.equal('-ERR WATCH inside MULTI is not allowed');
    expect(await redis.send(['MULTI'])).to.equal('-ERR MULTI calls can not be nested');
    expect(texts(await redis.send(['EXEC']))).to.deep.equal(['+OK', '+OK', '1', '+OK', ['save', '']]);
    expect(texts(await redis.send(['CLIENT', 'GETNAME']))).to.equal('me');
    await redis.sendAll([['MULTI'], ['SELECT', '1'], ['SET', 'q', '2']]);
    expect(texts(await redis.send(['EXEC']))).to.deep.equal([
      '-ERR DB index is out of range: each project is one database, 0',
      '+OK',
    ]);
    expect(await redis.sendAll([['MULTI'], ['SET', 'q', '3'], ['RESET'], ['EXEC']])).to.include('+RESET');
  });

  it('watches keys until EXEC, whatever was queued', async () => {
    const [redis, other] = [await portkv.client('p', portkv.key), await portkv.client('p', portkv.key)];
    await redis.sendAll([['WATCH', 'w2'], ['MULTI'], ['UNWATCH'], ['SET', 'w2', 'mine']]);
    await other.send(['SET', 'w2', 'theirs']);
    expect(await redis.send(['EXEC'])).to.equal(null);
    expect(texts(await redis.send(['GET', 'w2']))).to.equal('theirs');
  });

  it('fails if a command cannot be queued, and only the transaction that it belongs to', async () => {
    const redis = await portkv.client('p', portkv.key);
    const refused = [['SELECT'], ['AUTH', 'p', portkv.key], ['SUBSCRIBE', '__keyevent@0__:set'], ['DBSIZE'], ['WATCH']];
    for (const words of refused) {
      const replies = await redis.sendAll([['MULTI'], words, ['SET', 'not', 'set'], ['EXEC']]);
      expect(replies[1], words.join(' ')).to.match(/^-ERR /);
      expect(replies[3]).to.equal('-EXECABORT Transaction discarded because of previous errors.');
    }
    const after = await redis.sendAll([['CLIENT'], ['MULTI'], ['GET', 'not'], ['EXEC']]);
    expect([after[0], after[3]]).to.deep.equal(["-ERR wrong number of arguments for 'client' command", [null]]);
  });
});
