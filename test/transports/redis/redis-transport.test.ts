import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { RedisConnection, type RedisReply } from '../../harness/redis-connection.js';
import { LinesServer } from '../lines-server.js';

const PROJECTS = '/api/v1/projects';

describe('The Redis transport', () => {
  let server: LinesServer;
  let key: string;
  const open: RedisConnection[] = [];

  before(async () => {
    server = await LinesServer.start({ kind: 'redis', port: 0 });
    key = await project('p');
  });
  afterEach(() => {
    for (const connection of open.splice(0)) connection.close();
  });
  after(() => server.stop());

  async function project(id: string, settings: object = {}): Promise<string> {
    const body = JSON.stringify({ id, storage: { engine: 'memory' }, ...settings });
    const { json } = await server.rest('POST', PROJECTS, server.systemKey, { body });
    return json.data.new_api_key;
  }

  /** A connection; as this project and key if they are given. */
  async function client(name?: string, secret?: string): Promise<RedisConnection> {
    const connection = await RedisConnection.open({ port: Number(new URL(server.running.others[0] ?? '').port) });
    open.push(connection);
    if (name !== undefined) expect(await connection.send(['AUTH', name, secret ?? ''])).to.equal('+OK');
    return connection;
  }

  const texts = (reply: RedisReply): unknown =>
    Array.isArray(reply) ? reply.map(texts) : Buffer.isBuffer(reply) ? reply.toString() : reply;

  it('has its address in the banner', () => {
    expect(server.running.others[0]).to.match(/^redis:\/\/127\.0\.0\.1:[1-9]\d*$/);
  });

  it('keeps the entries that REST has', async () => {
    const redis = await client('p', key);
    expect(await redis.send(['SET', 'greeting', 'héllo', 'EX', '100'])).to.equal('+OK');
    const seen = await server.rest('GET', 'p/values/greeting', key);
    expect([seen.text, seen.headers['content-type']]).to.deep.equal(['héllo', 'text/plain; charset=utf-8']);
    await server.rest('PUT', 'p/values/n', key, { body: '41', headers: { 'content-type': 'application/json' } });
    expect(await redis.send(['INCR', 'n'])).to.equal(42n);
    expect((await server.rest('GET', 'p/values/n', key)).text).to.equal('42');
  });

  it('says how a value is kept, and refuses other questions about it', async () => {
    const redis = await client('p', key);
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
    ] as const) {
      expect(String(await redis.send([...words])), words.join(' ')).to.contain(reply.slice(1));
    }
  });

  it('reads commands in any pieces, and replies in their order', async () => {
    const redis = await client('p', key);
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
    const redis = await client('p', key);
    redis.socket.write("  set typed \"two words\\n\\x41\"  \r\n\r\nget typed\nECHO 'it\\'s'\r\n");
    expect(await redis.reply()).to.equal('+OK');
    expect(texts(await redis.reply())).to.equal('two words\nA');
    expect(texts(await redis.reply())).to.equal("it's");
  });

  it('speaks version 3 to clients that ask for it', async () => {
    const redis = await client();
    redis.write(['HELLO', '3', 'AUTH', 'p', key, 'SETNAME', 'me']);
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
      const redis = await client('p', key);
      redis.socket.write(sent);
      expect(await redis.reply(), sent.slice(0, 20)).to.equal(`-ERR Protocol error: ${reason}`);
      await redis.closed();
    }
  });

  it('lets clients without a key send little', async () => {
    for (const sent of ['*11\r\n', '*2\r\n$4\r\nAUTH\r\n$20000\r\n']) {
      const redis = await client();
      redis.socket.write(sent);
      expect(await redis.reply()).to.match(/^-ERR Protocol error: invalid (multibulk|bulk) length$/);
      await redis.closed();
    }
    expect(await (await client('p', key)).send(['SET', 'large', Buffer.alloc(20_000)])).to.equal('+OK');
  });

  it('names what is wrong with who a client says it is, in the words of Redis', async () => {
    const wrong = '-WRONGPASS invalid username-password pair or user is disabled.';
    const redis = await client();
    expect(await redis.send(['GET', 'a'])).to.equal('-NOAUTH Authentication required.');
    expect(await redis.send(['AUTH', 'p', 'nonsense'])).to.equal(wrong);
    expect(await redis.send(['AUTH', 'nosuch', key])).to.equal(wrong);
    expect(await redis.send(['AUTH', key])).to.match(/^-ERR AUTH needs the project and its API key/);
    expect(await redis.send(['AUTH', 'p', server.systemKey])).to.match(/^-NOPERM This is the system key/);
    expect(await redis.send(['HELLO', '3'])).to.match(/^-NOAUTH HELLO must be called|^-NOAUTH Authentication required/);
    expect(await redis.send(['HELLO', '9'])).to.equal('-NOPROTO unsupported protocol version');
    expect(await redis.send(['AUTH', 'p', key])).to.equal('+OK');
    expect(await redis.send(['AUTH', 'p', 'nonsense'])).to.equal(wrong);
    expect(await redis.send(['SET', 'still', 'mine'])).to.equal('+OK');
    expect(await redis.send(['RESET'])).to.equal('+RESET');
    expect(await redis.send(['GET', 'still'])).to.equal('-NOAUTH Authentication required.');
  });

  it('stops serving a key that is revoked, at the next command', async () => {
    const made = await server.rest('POST', 'p/api-keys', key, { body: '{"name":"brief","scopes":["read","write"]}' });
    const redis = await client('p', made.json.data.key);
    expect(await redis.send(['SET', 'k', 'v'])).to.equal('+OK');
    expect(await server.restCode('DELETE', `p/api-keys/${made.json.data.id}`, key)).to.equal('OK');
    expect(await redis.send(['GET', 'k'])).to.equal('-NOAUTH Authentication required.');
    expect(
      await redis.sendAll([
        ['SET', 'k', '1'],
        ['SET', 'k', '2'],
      ]),
    ).to.deep.equal(Array(2).fill('-NOAUTH Authentication required.'));
  });

  it('confines a key to its scopes and prefix, in pipelines and transactions too', async () => {
    const made = await server.rest('POST', 'p/api-keys', key, {
      body: '{"name":"in","scopes":["read","write"],"prefix":"in/"}',
    });
    const redis = await client('p', made.json.data.key);
    const replies = await redis.sendAll([
      ['SET', 'in/a', '1'],
      ['SET', 'out', '1'],
      ['DEL', 'in/a'],
      ['GET', 'in/a'],
    ]);
    expect(replies[0]).to.equal('+OK');
    expect(replies[1]).to.match(/^-NOPERM This API key is confined to keys that begin with "in\/"/);
    expect(replies[2]).to.match(/^-NOPERM This API key lacks the scope "delete"/);
    expect(texts(replies[3] as RedisReply)).to.equal('1');
    const [, , , exec] = await redis.sendAll([['MULTI'], ['SET', 'in/a', '2'], ['SET', 'out', '1'], ['EXEC']]);
    expect(exec).to.match(/^-EXECABORT Transaction discarded because of: NOPERM/);
    expect(texts(await redis.send(['GET', 'in/a']))).to.equal('1');
  });

  it('runs a transaction only if no watched key was changed by anybody', async () => {
    const [redis, other] = [await client('p', key), await client('p', key)];
    for (const change of [
      () => other.send(['SET', 'w', '2']),
      () => server.rest('PUT', 'p/values/w', key, { body: '3' }),
    ]) {
      await redis.sendAll([['SET', 'w', '1'], ['WATCH', 'w'], ['MULTI'], ['SET', 'done', 'yes']]);
      await change();
      expect(await redis.send(['EXEC'])).to.equal(null);
      expect(await redis.send(['GET', 'done'])).to.equal(null);
    }
    const replies = await redis.sendAll([['WATCH', 'w'], ['MULTI'], ['INCR', 'w'], ['GET', 'w'], ['EXEC']]);
    expect(texts(replies.at(-1) as RedisReply)).to.deep.equal([4n, '4']);
  });

  it('notifies subscribers of changes by any client', async () => {
    const [redis, other] = [await client('p', key), await client('p', key)];
    await redis.sendAll([
      ['SUBSCRIBE', '__keyspace@0__:s:1'],
      ['PSUBSCRIBE', '__key*__:*s:*'],
    ]);
    expect(await redis.send(['GET', 's:1'])).to.match(/^-ERR Can't execute 'GET'/);
    expect(texts(await redis.send(['PING']))).to.deep.equal(['pong', '']);
    await other.send(['SET', 's:1', 'x']);
    await server.rest('DELETE', 'p/values/s:1', key);
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

  it('runs no command while a client does not read its replies, and forgets nothing', async () => {
    const redis = await client('p', key);
    await redis.send(['SET', 'big', Buffer.alloc(1_000_000, 'x')]);
    redis.socket.pause();
    for (let i = 0; i < 200; i++) redis.write(['GET', 'big']);
    redis.write(['ECHO', 'last']);
    await new Promise((done) => setTimeout(done, 200));
    redis.socket.resume();
    for (let i = 0; i < 200; i++) expect((await redis.reply()) as Buffer).to.have.length(1_000_000);
    expect(texts(await redis.reply())).to.equal('last');
  });

  it('replies to what a client sent before it ended its side', async () => {
    const redis = await client('p', key);
    redis.socket.end('SET ended 1\r\nGET ended\r\n');
    expect([await redis.reply(), texts(await redis.reply())]).to.deep.equal(['+OK', '1']);
    await redis.closed();
  });

  it('can be a socket file with a project of its own', async () => {
    const path = join(tmpdir(), `portkv-redis-${process.pid}.sock`);
    const local = await LinesServer.start({ kind: 'redis', path, project: 'first_project' });
    const redis = await RedisConnection.open({ path });
    expect(local.running.others[0]).to.equal(`unix:${path}`);
    expect(await redis.send(['GET', 'a'])).to.equal('-NOAUTH Authentication required.');
    expect(await redis.send(['AUTH', local.projectKey])).to.equal('+OK');
    expect(await redis.send(['SET', 'a', '1'])).to.equal('+OK');
    redis.close();
    await local.stop();
  });

  it('ends a connection that shows no key in time, and no other', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, authentication_timeout: 1 });
    const port = Number(new URL(local.running.others[0] ?? '').port);
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

  it('forgets a transaction that was refused, whatever the reason', async () => {
    const made = await server.rest('POST', 'p/api-keys', key, { body: '{"name":"x","scopes":["read","write"]}' });
    const redis = await client('p', made.json.data.key);
    await redis.sendAll([['MULTI'], ['SET', 'refused', '1']]);
    expect(await redis.send(['EXEC', 'extra'])).to.match(/^-ERR wrong number/);
    expect(await redis.send(['GET', 'refused'])).to.equal(null);
    await redis.sendAll([['MULTI'], ['SET', 'refused', '1']]);
    await server.restCode('DELETE', `p/api-keys/${made.json.data.id}`, key);
    expect(await redis.send(['EXEC'])).to.match(/^-EXECABORT .*NOAUTH/);
    expect(await redis.send(['AUTH', 'p', key])).to.equal('+OK');
    expect(await redis.send(['GET', 'refused'])).to.equal(null);
  });

  it('refuses what a page in a browser can make it send', async () => {
    for (const sent of ['POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET a evil\r\n', 'Host: x\r\nSET a evil\r\n']) {
      const redis = await client('p', key);
      redis.socket.write(sent);
      expect(await redis.reply()).to.equal('-ERR Protocol error: this is not an HTTP server');
      await redis.closed();
    }
  });

  it('keeps an error in one line, whatever a client sends', async () => {
    const redis = await client('p', key);
    for (const words of [['NO\r\n+OK'], ['CLIENT', 'x\r\n:1'], ['CONFIG', 'a\nb'], ['EXPIRE', 'k', '1', 'x\r\n']]) {
      expect(await redis.send(words), words.join(' ')).to.match(/^-ERR /);
      expect(await redis.send(['PING'])).to.equal('+PONG');
    }
    expect(await redis.send(['CLIENT', 'y'.repeat(100_000)])).to.have.length.below(1100);
  });

  it('runs the commands before a malformed one', async () => {
    const redis = await client('p', key);
    redis.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nm\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\nm\r\n*1\r\nx\r\n');
    const replies = [await redis.reply(), texts(await redis.reply()), await redis.reply()];
    expect(replies).to.deep.equal(['+OK', '1', "-ERR Protocol error: expected '$', got 'x'"]);
    await redis.closed();
  });

  it('limits what commands that come together may read, also of one key', async () => {
    const redis = await client('p', key);
    await redis.send(['SET', 'large', Buffer.alloc(9 * 1024 * 1024, 'x')]);
    expect(await redis.send(['MGET', ...Array(9).fill('large')])).to.match(/^-ERR The values to read have more than/);
    const replies = await redis.sendAll([['SET', 'k', '1'], ...Array(10).fill(['GET', 'large'])]);
    expect(replies[0]).to.equal('+OK');
    expect((replies[1] as Buffer).length).to.equal(9 * 1024 * 1024);
    expect(replies.at(-1)).to.match(/^-ERR the replies to commands that were sent together/);
  }).timeout(60_000);

  it('sends clients beyond the limit the reason, and stops although they sent something', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, max_connections: 1 });
    const port = Number(new URL(local.running.others[0] ?? '').port);
    const first = await RedisConnection.open({ port });
    expect(await first.send(['PING'])).to.match(/^-NOAUTH/);
    const further = await Promise.all([1, 2, 3].map(() => RedisConnection.open({ port })));
    for (const one of further) one.write(['HELLO', '3']);
    for (const one of further) expect(await one.reply()).to.equal('-ERR max number of clients reached');
    await Promise.all(further.map((one) => one.closed()));
    await local.stop();
    await first.closed();
  });

  it('takes the socket file of a server that was killed, and no other file', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'portkv-')), 'redis.sock');
    const left = spawn(process.execPath, [
      '-e',
      `process.getBuiltinModule('node:net').createServer().listen(${JSON.stringify(path)})`,
    ]);
    while (!(await stat(path).catch(() => undefined))) await new Promise((done) => setTimeout(done, 20));
    await expectRejected(
      LinesServer.start({ kind: 'redis', path }),
      `Cannot listen on ${path}: another program listens there`,
    );
    left.kill('SIGKILL');
    await once(left, 'exit');
    const local = await LinesServer.start({ kind: 'redis', path });
    await local.stop();
    await writeFile(path, 'no socket');
    await expectRejected(LinesServer.start({ kind: 'redis', path }), `Cannot listen on ${path}`);
    expect(await readFile(path, 'utf8')).to.equal('no socket');
    await rm(dirname(path), { recursive: true });
  });

  it('lets a command finish when the server stops, and ends every connection', async () => {
    const local = await LinesServer.start({ kind: 'redis', port: 0, project: 'p' });
    const body = JSON.stringify({ id: 'p', storage: { engine: 'json-file' }, authentication: { enabled: false } });
    await local.rest('POST', PROJECTS, local.systemKey, { body });
    const port = Number(new URL(local.running.others[0] ?? '').port);
    const [idle, busy] = [await RedisConnection.open({ port }), await RedisConnection.open({ port })];
    expect(await idle.send(['PING'])).to.equal('+PONG');
    busy.write(['SET', 'k', 'v']);
    await once(busy.socket, 'data').then(
      () => undefined,
      () => undefined,
    );
    await local.stop();
    await Promise.all([idle.closed(), busy.closed()]);
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

async function expectRejected(promise: Promise<unknown>, message: string): Promise<void> {
  const outcome = await promise.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );
  expect(outcome).to.include(message);
}
