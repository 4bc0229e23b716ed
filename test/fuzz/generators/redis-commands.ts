import fc from 'fast-check';

/** Words of one command. */
export type Words = readonly Buffer[];

/** One of them often, so that commands meet what others did. */
const key = fc.constantFrom('a', 'a', 'a', 'a', 'b', 'c', 'user:1', 'user:2', 'ключ');
const integer = fc.constantFrom('0', '1', '-1', '5', '-3', '12', '9223372036854775807', '-9223372036854775808');
const noInteger = fc.constantFrom('', ' 7', '007', '+1', '1.5', '-0', '9223372036854775808', 'abc');
const text = fc.constantFrom('', 'hello', '{"a":1}', '"quoted"', '[1,', 'grün');
const value = fc.oneof(integer, noInteger, text, fc.uint8Array({ maxLength: 5 }).map(Buffer.from));
const position = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -8, max: 12 }).map(String) },
  { weight: 1, arbitrary: noInteger },
);
/** So coarse that it does not matter how long a test takes. */
const MOST = '9223372036854775807';
const LEAST = '-9223372036854775808';
const seconds = ['9223372036854775', '-9223372036854775', MOST, LEAST];
const duration = fc.constantFrom('10000', '20000', '30000', '0', '-5', 'x', ...seconds);
const milliseconds = fc.constantFrom('10000000', '20000000', '0', '-5', 'x', MOST, LEAST);
const later = ['4000000000', '5000000000', '4000000000', '5000000000'];
const instant = fc.constantFrom(...later, '1000', '0', '-1', 'x', LEAST);
const msInstant = fc.constantFrom(...later.map((seconds) => `${seconds}000`), '1000', '0', 'x', LEAST);
const decimal = fc.constantFrom(
  '0.1',
  '0.2',
  '-0.3',
  '1.5',
  '3',
  '1e0',
  '2.5e-2',
  '.5',
  '5.',
  'x',
  '1.2.3',
  '',
  'inf',
  '-inf',
  'Infinity',
  'nan',
);
const pattern = fc.constantFrom('*', 'a', 'user:*', '?', '[ab]', '[^a]', '[a-b]*', 'user:[1', '\\a', '*:?', 'к*', '');

function timeOf(instants: fc.Arbitrary<string>, msInstants: fc.Arbitrary<string>) {
  return fc.oneof(
    fc.tuple(fc.constantFrom('EX', 'ex'), duration),
    fc.tuple(fc.constant('PX'), milliseconds),
    fc.tuple(fc.constant('EXAT'), instants),
    fc.tuple(fc.constant('PXAT'), msInstants),
  );
}

const time = timeOf(instant, msInstant);
/** What is stored with a time that is over is still counted by a Redis server for a while. */
const laterTime = timeOf(fc.constantFrom(...later, '0', '-1', 'x'), fc.constantFrom('4000000000000', '0', 'x'));
const one = (...options: readonly string[]) => fc.constantFrom(...options).map((option) => [option]);
const some = <T>(options: fc.Arbitrary<readonly T[]>) =>
  fc.oneof(
    fc.constant([]),
    options,
    fc.tuple(options, options).map((both) => both.flat()),
  );

type Word = string | Buffer;
type Part = fc.Arbitrary<Word | readonly Word[]>;

function command(name: string, ...parts: readonly Part[]): fc.Arbitrary<Words> {
  return fc.tuple(...parts).map((found) => [name, ...found.flat()].map((word) => Buffer.from(word as string)));
}

const setOptions = some<Word>(fc.oneof(laterTime, one('NX', 'XX', 'GET', 'KEEPTTL', 'nx', 'PERSIST', 'BAD')));
const many = (part: fc.Arbitrary<Word>) => fc.array(part, { minLength: 1, maxLength: 4 });
const pairs = fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }).map((all): Word[] => all.flat());

/** A command on keys that it names. */
export const entryCommand: fc.Arbitrary<Words> = fc.oneof(
  command('GET', key),
  command('SET', key, value),
  command('set', key, value, setOptions),
  command('MGET', many(key)),
  command('MSET', pairs),
  command('MSETNX', pairs),
  command('MSET', pairs, key),
  command('GETSET', key, value),
  command('GETDEL', key),
  command('GETEX', key, some<Word>(fc.oneof(time, one('PERSIST', 'NX')))),
  command('SETNX', key, value),
  command('SETEX', key, duration, value),
  command('PSETEX', key, milliseconds, value),
  command('APPEND', key, value),
  command('STRLEN', key),
  command('GETRANGE', key, position, position),
  command('SUBSTR', key, position, position),
  command('SETRANGE', key, position, value),
  ...['INCR', 'DECR'].map((name) => command(name, key)),
  ...['INCRBY', 'DECRBY'].map((name) => command(name, key, fc.oneof(integer, noInteger))),
  ...['DEL', 'UNLINK', 'EXISTS', 'TOUCH'].map((name) => command(name, many(key))),
  ...['TYPE', 'TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'PERSIST'].map((name) => command(name, key)),
  command('EXPIRE', key, duration, some(one('NX', 'XX', 'BAD'))),
  command('PEXPIRE', key, milliseconds, some(one('NX', 'xx'))),
  command('EXPIREAT', key, instant, some(one('NX', 'XX', 'GT', 'LT'))),
  command('PEXPIREAT', key, msInstant, some(one('NX', 'XX', 'GT', 'lt'))),
  ...['GT', 'LT', 'NX', 'XX'].map((option) => command('EXPIREAT', key, instant, one(option))),
  ...['RENAME', 'RENAMENX'].map((name) => command(name, key, key)),
  command('COPY', key, key, some(one('REPLACE', 'replace', 'BAD'))),
  command('ECHO', value),
  command('PING', some(fc.tuple(value))),
  // Sums of small numbers only: Redis rounds others as a long double of the machine.
  command('SET', fc.constant('sum'), decimal),
  command('INCRBYFLOAT', fc.constant('sum'), decimal),
  command('GET', fc.constant('sum')),
  command('NOSUCH', many(text)),
  command('GET', fc.constant([])),
  command('LPOP', key, key, key, key).map((words) => [Buffer.from('nolist'), ...words.slice(1)]),
);

/** A command on all keys. */
export const keyspaceCommand: fc.Arbitrary<Words> = fc.oneof(
  command('KEYS', pattern),
  command('DBSIZE'),
  command('SCAN', fc.constant('0'), fc.constantFrom('MATCH', 'BAD'), pattern),
  // A page of Redis may be longer than asked for: only all keys can be compared.
  command('SCAN', fc.constant('0'), fc.constantFrom('COUNT'), fc.constantFrom('1000', '0', '-1', 'x')),
  command('SCAN', fc.constant('0'), fc.constantFrom('TYPE'), fc.constantFrom('string', 'STRING', 'hash')),
  command('SCAN', fc.constant('0'), fc.constantFrom('MATCH', 'BAD')),
  command('SCAN', fc.constantFrom('x', '1.5', ' 0')),
  command('FLUSHDB', some(one('ASYNC', 'BAD'))),
);
