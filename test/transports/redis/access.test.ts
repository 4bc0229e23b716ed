import { expect } from 'chai';
import { commandTable } from '../../../src/interfaces/redis-commands/redis-commands.js';
import { connectionCommands } from '../../../src/interfaces/resp/commands/connection-commands.js';
import type { Access } from '../../api/api-keys/access-table.js';
import { type CallerKind, callerKinds, expectedOutcome, TOUCHED } from '../../harness/caller-kinds.js';
import { RedisConnection } from '../../harness/redis-connection.js';
import { restKeys } from '../../harness/rest-keys.js';
import { LinesServer } from '../lines-server.js';

type Row = readonly [access: Access, ...words: string[]];

const read: Access = { needs: ['read'], prefix: 'key' };
const write: Access = { needs: ['write'], prefix: 'key' };
const remove: Access = { needs: ['delete'], prefix: 'key' };
const readAndWrite: Access = { needs: ['read', 'write'], prefix: 'key' };
const list: Access = { needs: ['list'], prefix: 'slice' };
const removeAll: Access = { needs: ['delete'], prefix: 'slice' };
const member: Access = { needs: [], prefix: 'free' };
const K = TOUCHED;

/** Written by hand: the test fails for a command that is missing here. Those of `MULTI` follow in their order. */
const rows: Readonly<Record<string, Row>> = {
  ping: [member],
  echo: [member, 'x'],
  get: [read, K],
  set: [write, K, '1'],
  mget: [read, K],
  mset: [write, K, '1'],
  msetnx: [write, K, '1'],
  getset: [readAndWrite, K, '1'],
  getdel: [{ needs: ['read', 'delete'], prefix: 'key' }, K],
  getex: [readAndWrite, K, 'EX', '1000'],
  setnx: [write, K, '1'],
  setex: [write, K, '1000', '1'],
  psetex: [write, K, '1000000', '1'],
  append: [write, K, '1'],
  strlen: [read, K],
  getrange: [read, K, '0', '-1'],
  substr: [read, K, '0', '-1'],
  setrange: [write, K, '0', '1'],
  incr: [readAndWrite, K],
  decr: [readAndWrite, K],
  incrby: [readAndWrite, K, '1'],
  decrby: [readAndWrite, K, '1'],
  incrbyfloat: [readAndWrite, K, '1'],
  hset: [write, K, 'f', '1'],
  hmset: [write, K, 'f', '1'],
  hsetnx: [write, K, 'f', '1'],
  hget: [read, K, 'f'],
  hmget: [read, K, 'f'],
  hgetall: [read, K],
  hkeys: [read, K],
  hvals: [read, K],
  hlen: [read, K],
  hexists: [read, K, 'f'],
  hstrlen: [read, K, 'f'],
  hdel: [write, K, 'f'],
  hincrby: [readAndWrite, K, 'f', '1'],
  hscan: [read, K, '0'],
  sadd: [write, K, 'm'],
  srem: [write, K, 'm'],
  sismember: [read, K, 'm'],
  smismember: [read, K, 'm'],
  smembers: [read, K],
  scard: [read, K],
  sscan: [read, K, '0'],
  del: [remove, K],
  unlink: [remove, K],
  exists: [read, K],
  type: [read, K],
  touch: [read, K],
  rename: [{ needs: ['read', 'write', 'delete'], prefix: 'key' }, K, `${K}y`],
  renamenx: [{ needs: ['read', 'write', 'delete'], prefix: 'key' }, K, `${K}y`],
  copy: [readAndWrite, K, `${K}y`],
  expire: [write, K, '1000'],
  pexpire: [write, K, '1000000'],
  expireat: [write, K, '4000000000'],
  pexpireat: [write, K, '4000000000000'],
  ttl: [read, K],
  pttl: [read, K],
  expiretime: [read, K],
  pexpiretime: [read, K],
  persist: [write, K],
  object: [read, 'ENCODING', K],
  memory: [read, 'USAGE', K],
  keys: [list, '*'],
  scan: [list, '0'],
  randomkey: [list],
  dbsize: [list],
  flushdb: [removeAll],
  flushall: [removeAll],
  client: [member, 'ID'],
  select: [member, '0'],
  info: [member],
  config: [member, 'GET', 'save'],
  command: [member, 'COUNT'],
  time: [member],
  wait: [member, '0', '0'],
  watch: [read, K],
  unwatch: [member],
  multi: [member],
  discard: [member],
  exec: [member],
  subscribe: [{ needs: ['watch'], prefix: 'key' }, `__keyspace@0__:${K}`],
  psubscribe: [{ needs: ['watch'], prefix: 'slice' }, '__key*'],
};
/** What a client that has shown no key may send, too. */
const OPEN = ['auth', 'hello', 'reset', 'quit', 'unsubscribe', 'punsubscribe'];
const CODES: Readonly<Record<string, string>> = {
  NOAUTH: 'unauthenticated',
  WRONGPASS: 'unauthenticated',
  NOPERM: 'insufficient_scope',
};

describe('Every command of the Redis protocol', () => {
  let server: LinesServer;
  let kinds: readonly CallerKind[];

  before(async function () {
    this.timeout(60_000);
    server = await LinesServer.start({ kind: 'redis', port: 0 });
    const wait = (ms: number) => {
      server.now += ms;
    };
    const { systemKey } = server;
    kinds = await callerKinds(
      restKeys({ systemKey, call: (method, path, options) => server.rest(method, path, options.key, options), wait }),
    );
  });
  after(() => server?.stop());

  it('has a row that says who may send it', () => {
    const names = [...commandTable.keys(), ...connectionCommands.map(({ name }) => name)];
    expect([...Object.keys(rows), ...OPEN]).to.have.members(names);
  });

  it('is allowed or refused for every kind of key as its row says', async function () {
    this.timeout(120_000);
    const primary = kinds.find(({ name }) => name === 'primary')?.secret;
    const wrong: string[] = [];
    for (const kind of kinds) {
      server.now += 61_000;
      const redis = await RedisConnection.open({ port: Number(new URL(server.running.others[0] ?? '').port) });
      const entered = outcomeOf(await redis.send(['AUTH', 'p', kind.secret ?? '']));
      const isMember = expectedOutcome(member, kind);
      if (entered !== isMember) wrong.push(`AUTH with ${kind.name}: ${entered}, not ${isMember}`);
      for (const [name, [access, ...words]] of Object.entries(rows)) {
        await server.rest('PUT', `p/values/${encodeURIComponent(TOUCHED)}`, primary, { body: '1' });
        const should = entered === 'allowed' ? expectedOutcome(access, kind) : 'unauthenticated';
        const is = outcomeOf(await redis.send([name, ...words]));
        if (is !== should) wrong.push(`${name} with ${kind.name}: ${is}, not ${should}`);
        if (name === 'subscribe') await redis.send(['UNSUBSCRIBE']);
      }
      redis.close();
    }
    expect(wrong.join('\n')).to.equal('');
  });
});

function outcomeOf(reply: unknown): string {
  const code = typeof reply === 'string' ? (/^-(\w+)/.exec(reply)?.[1] ?? '') : '';
  return CODES[code] ?? 'allowed';
}
