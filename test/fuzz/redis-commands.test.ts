import { expect } from 'chai';
import fc from 'fast-check';
import { anonymousOf } from '../../src/domain/api-key.js';
import type { Session } from '../../src/interfaces/redis-commands/command.js';
import { RedisCommands } from '../../src/interfaces/redis-commands/redis-commands.js';
import type { Reply } from '../../src/interfaces/redis-commands/reply.js';
import { CoreServer } from '../unit/application/core-server.js';
import { entryCommand, keyspaceCommand, type Words } from './generators/redis-commands.js';
import { checkAsyncProperty, seeded } from './harness/properties.js';
import { type RedisReply, RedisServer } from './harness/redis-server.js';

/** Replies about the time that is left differ by as much as the two clocks do, in ms. */
const CLOCKS_DIFFER = 200_000;
const session: Session = { caller: anonymousOf('p'), project: 'p' };

describe(seeded('The commands of Redis'), () => {
  let redis: RedisServer;
  let core: CoreServer;
  let commands: RedisCommands;

  before(async () => {
    redis = await RedisServer.start();
    core = await CoreServer.start();
    await core.project('p', { authentication: { enabled: false } });
    commands = core.resolve(RedisCommands);
  });
  after(async () => {
    await core?.stop();
    await redis?.stop();
  });

  const single = fc.oneof({ weight: 8, arbitrary: entryCommand }, { weight: 1, arbitrary: keyspaceCommand });
  const step = fc.oneof(
    { weight: 8, arbitrary: single.map((words) => [words]) },
    { weight: 1, arbitrary: fc.array(entryCommand, { minLength: 2, maxLength: 5 }) },
  );

  it('return what a Redis server returns, alone and in transactions', () =>
    checkAsyncProperty(150, fc.array(step, { maxLength: 100, size: 'max' }), async (steps) => {
      await both([Buffer.from('FLUSHALL')]);
      for (const [i, words] of steps.entries()) {
        const { theirs, ours } = words.length === 1 ? await both(words[0] as Words) : await bothInTransaction(words);
        const told = steps.slice(0, i + 1).map((all) => all.map((one) => one.map(String).join(' ')).join('; '));
        expect(ours, told.join('\n')).to.deep.equal(theirs);
      }
    }));

  async function both(words: Words): Promise<{ theirs: unknown; ours: unknown }> {
    const [theirs, ours] = [await redis.send(words), await commands.execute(session, words)];
    return { theirs: comparable(words, theirs), ours: comparable(words, plain(ours)) };
  }

  async function bothInTransaction(all: readonly Words[]): Promise<{ theirs: unknown; ours: unknown }> {
    await redis.send([Buffer.from('MULTI')]);
    for (const words of all) await redis.send(words);
    const theirs = await redis.send([Buffer.from('EXEC')]);
    const ours = plain(await commands.executeTransaction(session, all));
    return { theirs: each(all, theirs), ours: each(all, ours) };
  }
});

function each(all: readonly Words[], replies: RedisReply): unknown {
  if (Array.isArray(replies)) return replies.map((reply, i) => comparable(all[i] as Words, reply));
  return String(replies).split(' ')[0];
}

/** A reply without what may differ: the order of keys, the cursor, and some seconds. */
function comparable(words: Words, reply: RedisReply): unknown {
  const name = String(words[0]).toUpperCase();
  const isTime = ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME'].includes(name);
  if (isTime && typeof reply === 'bigint' && reply > 0) {
    const ms = Number(reply) * (name.startsWith('P') ? 1 : 1000);
    return `about ${Math.round(ms / 1000 / (CLOCKS_DIFFER / 1000))}`;
  }
  if (!Array.isArray(reply)) return Buffer.isBuffer(reply) ? `bytes ${reply.toString('base64')}` : reply;
  if (name === 'SCAN') return reply[1].map(String).sort();
  return name === 'KEYS' ? reply.map(String).sort() : reply.map((item) => comparable([], item));
}

function plain(reply: Reply): RedisReply {
  switch (reply.type) {
    case 'simple':
      return `+${reply.text}`;
    case 'error':
      return `-${reply.code} ${reply.message}`;
    case 'integer':
      return BigInt(reply.value);
    case 'bulk':
      return Buffer.from(reply.bytes);
    case 'null':
      return null;
    case 'array':
      return reply.items.map(plain);
    default:
      throw new Error(`no command returns ${reply.type} yet`);
  }
}
