import { commandTable } from '../../src/interfaces/redis-commands/redis-commands.js';

/** A test that failed, and what the suite says about it. */
export interface Failure {
  readonly name: string;
  readonly detail: string;
}

/** What PortKV does not have by design, by what a test says that needs it. */
const MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/'config set' is not possible/, '`CONFIG SET`: settings are changed by REST'],
  [/reads or changes all keys, which is not possible inside/, '`KEYS`, `SCAN`, `DBSIZE`, `FLUSHDB` within `MULTI`'],
  [/must be valid UTF-8/, 'keys, fields and members that are not UTF-8'],
  [/DB index is out of range/, 'databases other than 0'],
  [/CLIENT REPLY can only be ON/, '`CLIENT REPLY OFF`'],
  [/r (dump|restore) /, 'commands of a Redis server itself'],
  [/only channels of keyspace notifications exist/, 'channels and `PUBLISH`'],
];

/** Commands that PortKV does not have, by their names. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(b?[lr](push|pop|pushx|move|mpop)|[lr]pushx|lrange|llen|lindex|lset|ltrim|linsert|lrem|lpos|b?rpoplpush)$/,
    'lists',
  ],
  [/^b?z/, 'sorted sets'],
  [/^x/, 'streams'],
  [/^(setbit|getbit|bit\w+)$/, 'bits'],
  [/^(eval\w*|script|fcall\w*|function)$/, 'scripts'],
  [/^(spop|srandmember|smove|s(inter|union|diff)\w*)$/, '`SPOP`, `SRANDMEMBER`, `SMOVE`, operations of several sets'],
  [/^(hincrbyfloat|hrandfield)$/, '`HINCRBYFLOAT`, `HRANDFIELD`'],
  [/^lcs$/, '`LCS`'],
  [/^(publish|pubsub|spublish|ssubscribe)$/, 'channels and `PUBLISH`'],
  [/^sort\w*$/, '`SORT`'],
  [/^(swapdb|move)$/, 'databases other than 0'],
  [/^(replicaof|slaveof|sync|psync)$/, 'replicas'],
  [
    /^(debug|save|bgsave|bgrewriteaof|shutdown|monitor|slowlog|latency|acl|dump|restore|migrate)$/,
    'commands of a Redis server itself',
  ],
];

/** Why a test fails, if that is by design: what it says, or else that its name begins with a command. */
export function reasonFor({ name, detail }: Failure): string | undefined {
  const found = MESSAGES.find(([pattern]) => pattern.test(detail))?.[1];
  if (found !== undefined) return found;
  const command = (/unknown command '(\w+)'/i.exec(detail) ?? /^([A-Z]+) /.exec(name))?.[1]?.toLowerCase() ?? '';
  return commandTable.has(command) ? undefined : COMMANDS.find(([pattern]) => pattern.test(command))?.[1];
}
