import { expect } from 'chai';
import fc from 'fast-check';
import { RedisConnection, type RedisReply } from '../harness/redis-connection.js';
import { LinesServer } from '../transports/lines-server.js';
import { collectionCommand } from './generators/redis-collections.js';
import { entryCommand, keyspaceCommand, type Words } from './generators/redis-commands.js';
import { connectionCommand, queueableCommand } from './generators/redis-connection.js';
import { checkAsyncProperty, seeded } from './harness/properties.js';
import { RedisServer } from './harness/redis-server.js';

/** Replies about a time may differ by so many seconds: the machine may be slow, and the two clocks differ. */
const CLOCKS_DIFFER = 200;

/** Commands that are sent at once. */
type Pipeline = readonly Words[];

const words = (...all: readonly string[]): Words => all.map((word) => Buffer.from(word));

describe(seeded('The Redis protocol'), () => {
  let redis: RedisServer;
  let server: LinesServer;
  let portkv: RedisConnection;

  before(async () => {
    redis = await RedisServer.start();
    server = await LinesServer.start({ kind: 'redis', port: 0, project: 'p' });
    const project = { id: 'p', storage: { engine: 'memory' }, authentication: { enabled: false } };
    await server.rest('POST', '/api/v1/projects', server.systemKey, { body: JSON.stringify(project) });
    portkv = await RedisConnection.open({ port: Number(new URL(server.running.others[0] ?? '').port) });
  });
  after(async () => {
    portkv?.close();
    await server?.stop();
    await redis?.stop();
  });

  const anyCommand = fc.oneof(
    { weight: 8, arbitrary: entryCommand },
    { weight: 6, arbitrary: collectionCommand },
    { weight: 1, arbitrary: keyspaceCommand },
    { weight: 2, arbitrary: connectionCommand },
  );
  const pipeline: fc.Arbitrary<Pipeline> = fc.oneof(
    { weight: 8, arbitrary: anyCommand.map((words) => [words]) },
    {
      weight: 3,
      arbitrary: fc.array(anyCommand, { maxLength: 8 }),
    },
    { weight: 2, arbitrary: transaction() },
  );

  it('is answered as a Redis server answers it: commands alone, in pipelines, and in transactions', () =>
    checkAsyncProperty(150, fc.array(pipeline, { maxLength: 80, size: 'max' }), async (pipelines) => {
      await both([words('DISCARD'), words('UNWATCH'), words('FLUSHALL')]);
      for (const [i, commands] of pipelines.entries()) {
        const { theirs, ours } = await both(commands);
        expect(ours, textOf(pipelines.slice(0, i + 1))).to.deep.equal(theirs);
      }
    }));

  async function both(commands: Pipeline): Promise<{ theirs: unknown; ours: unknown }> {
    const [theirs, ours] = await Promise.all([redis.connection.sendAll(commands), portkv.sendAll(commands)]);
    const expected = eachComparable(commands, theirs);
    return { theirs: expected, ours: withTimesOf(expected, eachComparable(commands, ours)) };
  }
});

/** With a watched key, which sometimes changes before the end, and sometimes with a command that cannot be queued. */
function transaction(): fc.Arbitrary<Pipeline> {
  const queued = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: entryCommand },
      { weight: 4, arbitrary: collectionCommand },
      { weight: 2, arbitrary: queueableCommand },
      fc.constantFrom(words('NOSUCH'), words('GET'), words('MULTI')),
    ),
    { maxLength: 5 },
  );
  const watched = fc.constantFrom<Pipeline>(
    [],
    [words('WATCH', 'a', 'b')],
    [words('WATCH', 'a'), words('SET', 'a', 'x')],
    [words('WATCH', 'a'), words('SET', 'a', 'x'), words('UNWATCH')],
  );
  const end = fc.constantFrom(words('EXEC'), words('EXEC'), words('DISCARD'));
  return fc.tuple(watched, queued, end).map(([before, all, last]) => [...before, words('MULTI'), ...all, last]);
}

function textOf(pipelines: readonly Pipeline[]): string {
  return pipelines.map((all) => all.map((one) => one.map(String).join(' ')).join('; ')).join('\n');
}

/** Replies by position; those in the reply to `EXEC` belong to the commands that were queued. */
function eachComparable(commands: Pipeline, replies: readonly RedisReply[]): unknown {
  const queued: Words[] = [];
  return replies.map((reply, i) => {
    const command = commands[i] as Words;
    if (reply === '+QUEUED') queued.push(command);
    if (String(command[0]) !== 'EXEC' || !Array.isArray(reply)) return comparable(command, reply);
    return reply.map((one, n) => comparable(queued[n] as Words, one));
  });
}

/** A reply without what may differ: the order of keys, the cursor, and some seconds. */
function comparable(words: Words, reply: RedisReply): unknown {
  const name = String(words[0]).toUpperCase();
  const isTime = ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME'].includes(name);
  if (isTime && typeof reply === 'bigint' && reply > 0) {
    return new Seconds(Number(reply) / (name.startsWith('P') ? 1000 : 1));
  }
  // Redis counts keys that have expired until it comes to remove them.
  if (name === 'DBSIZE') return typeof reply;
  if (!Array.isArray(reply)) return Buffer.isBuffer(reply) ? `bytes ${reply.toString('base64')}` : reply;
  if (name === 'SCAN' || name === 'SSCAN') return reply[1].map(String).sort();
  if (name === 'HGETALL') return pairsIn(reply);
  if (name === 'HSCAN') return pairsIn(reply[1] as readonly RedisReply[]);
  return ['KEYS', 'HKEYS', 'HVALS', 'SMEMBERS'].includes(name)
    ? reply.map(String).sort()
    : reply.map((item) => comparable([], item));
}

/** A reply that is a time. */
class Seconds {
  constructor(readonly seconds: number) {}
}

/** Replies in which each time is that of the others, unless they differ by too much. */
function withTimesOf(theirs: unknown, ours: unknown): unknown {
  if (Array.isArray(theirs) && Array.isArray(ours)) return ours.map((one, i) => withTimesOf(theirs[i], one));
  const isTime = theirs instanceof Seconds && ours instanceof Seconds;
  return isTime && Math.abs(theirs.seconds - ours.seconds) <= CLOCKS_DIFFER ? theirs : ours;
}

/** The fields of a hash with their values, in any order. */
function pairsIn(reply: readonly RedisReply[]): readonly string[] {
  const pairs = reply.flatMap((field, i) => (i % 2 === 0 ? [`${field}=${reply[i + 1]}`] : []));
  return pairs.sort();
}
