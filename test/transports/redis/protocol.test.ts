import { expect } from 'chai';
import type { RedisConnection } from '../../harness/redis-connection.js';
import { RedisFixture, texts } from './redis-fixture.js';

describe('The Redis transport: the protocol', () => {
  let portkv: RedisFixture;

  before(async () => {
    portkv = await RedisFixture.start();
  });
  afterEach(() => portkv.closeClients());
  after(() => portkv.stop());

  it('has its address in the banner', () => {
    expect(portkv.server.running.others[0]).to.match(/^redis:\/\/127\.0\.0\.1:[1-9]\d*$/);
  });

  it('keeps the entries that REST has', async () => {
    const redis = await portkv.client('p', portkv.key);
    expect(await redis.send(['SET', 'greeting', 'héllo', 'EX', '100'])).to.equal('+OK');
    const seen = await portkv.server.rest('GET', 'p/values/greeting', portkv.key);
    expect([seen.text, seen.headers['content-type']]).to.deep.equal(['héllo', 'text/plain; charset=utf-8']);
    await portkv.server.rest('PUT', 'p/values/n', portkv.key, {
      body: '41',
      headers: { 'content-type': 'application/json' },
    });
    expect(await redis.send(['INCR', 'n'])).to.equal(42n);
    expect((await portkv.server.rest('GET', 'p/values/n', portkv.key)).text).to.equal('42');
  });

  it('describes its commands, and which keys they have', async () => {
    const redis = await portkv.client('p', portkv.key);
    for (const [words, reply] of [
      [
        ['COMMAND', 'GETKEYS', 'MSET', 'a', '1', 'b', '2'],
        ['a', 'b'],
      ],
      [['COMMAND', 'GETKEYS', 'ECHO', 'a'], '-ERR The command has no key arguments'],
      [['COMMAND', 'GETKEYS', 'GET'], "-ERR wrong number of arguments for 'command|getkeys' command"],
      [['COMMAND', 'GETKEYS', 'MSET', 'a'], '-ERR Invalid number of arguments specified for command'],
      [['COMMAND', 'GETKEYS', 'NOSUCH', 'a'], '-ERR Invalid command specified'],
      [
        ['COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'hg*'],
        ['hget', 'hgetall'],
      ],
      [['COMMAND', 'LIST', 'FILTERBY', 'MODULE', 'json'], []],
      [['COMMAND', 'LIST', 'BY', 'x'], '-ERR syntax error'],
      [['COMMAND', 'COUNT', 'x'], "-ERR wrong number of arguments for 'command|count' command"],
    ] as const) {
      const found = texts(await redis.send([...words]));
      expect(Array.isArray(found) ? found.sort() : found, words.join(' ')).to.deep.equal(reply);
    }
    const [info] = texts(await redis.send(['COMMAND', 'INFO', 'get'])) as unknown[][];
    expect(info?.slice(0, 6)).to.deep.equal(['get', 2n, ['+readonly', '+fast'], 1n, 1n, 1n]);
  });

  it('lists the connections of the same key', async () => {
    const redis = await portkv.client('p', portkv.key);
    const [, other] = [await portkv.client(), await portkv.client('p', portkv.key)];
    const [mine, theirs] = [await redis.send(['CLIENT', 'ID']), await other.send(['CLIENT', 'ID'])];
    const ids = async (...words: string[]) => {
      const list = String(await redis.send(['CLIENT', 'LIST', ...words]));
      return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => BigInt(id ?? ''));
    };
    expect(await ids()).to.have.members([mine, theirs]);
    expect(await ids('ID', String(theirs), '999999')).to.deep.equal([theirs]);
    await other.send(['SUBSCRIBE', '__keyevent@0__:set']);
    expect(await ids('TYPE', 'pubsub')).to.deep.equal([theirs]);
    for (const words of [['TYPE', 'x'], ['ID', 'x'], ['ID'], ['x']]) {
      expect(await redis.send(['CLIENT', 'LIST', ...words])).to.match(/^-ERR /);
    }
  });

  it('reads commands in any pieces, and replies in their order', async () => {
    const redis = await portkv.client('p', portkv.key);
    const commands = [
      ['SET', 'a', '1'],
      ['GET', 'a'],
      ['INCRBY', 'a', '5'],
      ['DBSIZE'],
      ['GET', 'a'],
      ['ECHO', '\r\n$-1'],
    ];
    const bytes = Buffer.concat(
      commands.map((words) =>
        Buffer.from(`*${words.length}\r\n${words.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`),
      ),
    );
    for (const size of [1, 3, 7, bytes.length]) {
      for (let at = 0; at < bytes.length; at += size) {
        redis.socket.write(bytes.subarray(at, at + size));
        if (size < 7) await new Promise((done) => setImmediate(done));
      }
      const replies: unknown[] = [];
      for (const _ of commands) replies.push(texts(await redis.reply()));
      expect([...replies.slice(0, 3), ...replies.slice(4)]).to.deep.equal(['+OK', '1', 6n, '6', '\r\n$-1']);
    }
  });

  it('takes commands that people type, with quotes', async () => {
    const redis = await portkv.client('p', portkv.key);
    redis.socket.write("  set typed \"two words\\n\\x41\"  \r\n\r\nget typed\nECHO 'it\\'s'\r\n");
    expect(await redis.reply()).to.equal('+OK');
    expect(texts(await redis.reply())).to.equal('two words\nA');
    expect(texts(await redis.reply())).to.equal("it's");
  });

  it('speaks version 3 to clients that ask for it', async () => {
    const redis = await portkv.client();
    redis.write(['HELLO', '3', 'AUTH', 'p', portkv.key, 'SETNAME', 'me']);
    redis.write(['GET', 'missing']);
    redis.write(['CONFIG', 'GET', 'save']);
    const bytes = await received(redis, '$4\r\nsave\r\n$0\r\n\r\n');
    expect(bytes)
      .to.match(/^%7\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/)
      .and.include('\r\n_\r\n%1\r\n$4\r\nsave\r\n');
  });

  it('refuses what is not the protocol, says why, and closes', async () => {
    const cases: Readonly<Record<string, string>> = {
      '*x\r\n': 'invalid multibulk length',
      '*99999999\r\n': 'invalid multibulk length',
      '*1\r\nGET\r\n': "expected '$', got 'G'",
      '*1\r\n$99999999999\r\n': 'invalid bulk length',
      '*1\r\n$-5\r\n': 'invalid bulk length',
      'GET "open\r\n': 'unbalanced quotes in request',
      [`${'x'.repeat(70_000)}`]: 'too big inline request',
    };
    for (const [sent, reason] of Object.entries(cases)) {
      const redis = await portkv.client('p', portkv.key);
      redis.socket.write(sent);
      expect(await redis.reply(), sent.slice(0, 20)).to.equal(`-ERR Protocol error: ${reason}`);
      await redis.closed();
    }
  });

  it('refuses what a page in a browser can make it send', async () => {
    for (const sent of ['POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET a evil\r\n', 'Host: x\r\nSET a evil\r\n']) {
      const redis = await portkv.client('p', portkv.key);
      redis.socket.write(sent);
      expect(await redis.reply()).to.equal('-ERR Protocol error: this is not an HTTP server');
      await redis.closed();
    }
  });

  it('keeps an error in one line, whatever a client sends', async () => {
    const redis = await portkv.client('p', portkv.key);
    for (const words of [['NO\r\n+OK'], ['CLIENT', 'x\r\n:1'], ['CONFIG', 'a\nb'], ['EXPIRE', 'k', '1', 'x\r\n']]) {
      expect(await redis.send(words), words.join(' ')).to.match(/^-ERR /);
      expect(await redis.send(['PING'])).to.equal('+PONG');
    }
    expect(await redis.send(['CLIENT', 'y'.repeat(100_000)])).to.have.length.below(1100);
  });

  it('runs the commands before a malformed one', async () => {
    const redis = await portkv.client('p', portkv.key);
    redis.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nm\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\nm\r\n*1\r\nx\r\n');
    const replies = [await redis.reply(), texts(await redis.reply()), await redis.reply()];
    expect(replies).to.deep.equal(['+OK', '1', "-ERR Protocol error: expected '$', got 'x'"]);
    await redis.closed();
  });

  it('replies to what a client sent before it ended its side', async () => {
    const redis = await portkv.client('p', portkv.key);
    redis.socket.end('SET ended 1\r\nGET ended\r\n');
    expect([await redis.reply(), texts(await redis.reply())]).to.deep.equal(['+OK', '1']);
    await redis.closed();
  });

  it('says how a value is kept, and refuses other questions about it', async () => {
    const redis = await portkv.client('p', portkv.key);
    await redis.send(['MSET', 'kept:int', '12', 'kept:short', 'x'.repeat(44), 'kept:long', 'x'.repeat(45)]);
    for (const [words, reply] of [
      [['OBJECT', 'ENCODING', 'kept:int'], 'int'],
      [['OBJECT', 'encoding', 'kept:short'], 'embstr'],
      [['OBJECT', 'ENCODING', 'kept:long'], 'raw'],
      [['OBJECT', 'ENCODING', 'kept:none'], null],
      [['OBJECT', 'REFCOUNT', 'kept:int'], 1n],
      [['MEMORY', 'USAGE', 'kept:int', 'SAMPLES', '0'], 10n],
      [['MEMORY', 'USAGE', 'kept:none'], null],
    ] as const) {
      expect(texts(await redis.send([...words])), words.join(' ')).to.equal(reply);
    }
    for (const [words, reply] of [
      [['OBJECT', 'ENCODING'], "-ERR wrong number of arguments for 'object|encoding' command"],
      [['OBJECT', 'FREQ', 'kept:int'], "-ERR unknown subcommand 'FREQ' of 'object'"],
      [['MEMORY', 'USAGE', 'kept:int', 'SAMPLES', 'x'], '-ERR value is not an integer or out of range'],
      [['MEMORY', 'USAGE', 'kept:int', 'x'], '-ERR syntax error'],
      [['MEMORY', 'USAGE', 'kept:int', 'SAMPLES', '-1'], '-ERR syntax error'],
      [['OBJECT', 'ENCODING', 'kept:int', 'x'], "-ERR wrong number of arguments for 'object|encoding' command"],
    ] as const) {
      expect(String(await redis.send([...words])), words.join(' ')).to.contain(reply.slice(1));
    }
  });

  async function received(redis: RedisConnection, until: string): Promise<string> {
    let text = '';
    for await (const chunk of redis.socket) {
      text += chunk;
      if (text.includes(until)) break;
    }
    return text;
  }
});
