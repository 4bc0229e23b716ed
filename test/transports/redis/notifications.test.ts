import { expect } from 'chai';
import { RedisFixture, texts } from './redis-fixture.js';

describe('The Redis transport: notifications', () => {
  let portkv: RedisFixture;

  before(async () => {
    portkv = await RedisFixture.start();
  });
  afterEach(() => portkv.closeClients());
  after(() => portkv.stop());

  it('notifies subscribers of changes by any client', async () => {
    const [redis, other] = [await portkv.client('p', portkv.key), await portkv.client('p', portkv.key)];
    await redis.sendAll([
      ['SUBSCRIBE', '__keyspace@0__:s:1'],
      ['PSUBSCRIBE', '__key*__:*s:*'],
    ]);
    expect(await redis.send(['GET', 's:1'])).to.match(/^-ERR Can't execute 'GET'/);
    expect(texts(await redis.send(['PING']))).to.deep.equal(['pong', '']);
    await other.send(['SET', 's:1', 'x']);
    await portkv.server.rest('DELETE', 'p/values/s:1', portkv.key);
    const seen = [await redis.reply(), await redis.reply(), await redis.reply(), await redis.reply()].map(texts);
    expect(seen).to.have.deep.members([
      ['message', '__keyspace@0__:s:1', 'set'],
      ['pmessage', '__key*__:*s:*', '__keyspace@0__:s:1', 'set'],
      ['message', '__keyspace@0__:s:1', 'del'],
      ['pmessage', '__key*__:*s:*', '__keyspace@0__:s:1', 'del'],
    ]);
    expect(texts(await redis.send(['UNSUBSCRIBE']))).to.deep.equal(['unsubscribe', '__keyspace@0__:s:1', 1n]);
    expect(await other.send(['SUBSCRIBE', 'news'])).to.match(/^-ERR only channels of keyspace notifications exist/);
  });
});
