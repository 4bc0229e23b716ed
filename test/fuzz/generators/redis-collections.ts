import fc from 'fast-check';
import type { Words } from './redis-commands.js';

/** Some of the keys that other commands use, so that types meet. */
const key = fc.constantFrom('a', 'b', 'hash', 'set', 'ключ');
const field = fc.constantFrom('f', 'g', '10', '2', '__proto__', '', 'grün', 'constructor');
const value = fc.constantFrom('1', '-5', '9223372036854775807', 'x', '', '{"a":1}', '"', 'ü\n');
const number = fc.constantFrom('1', '-3', '0', '9223372036854775807', 'x', '');
const pattern = fc.constantFrom('*', 'f', '[fg]', '?*', '1*', '');

type Part = fc.Arbitrary<string | readonly string[]>;

function command(name: string, ...parts: readonly Part[]): fc.Arbitrary<Words> {
  return fc.tuple(...parts).map((found) => [name, ...found.flat()].map((word) => Buffer.from(word)));
}

const many = (part: fc.Arbitrary<string>) => fc.array(part, { minLength: 1, maxLength: 4 });
const pairs = fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 4 }).map((all) => all.flat());
const scan = fc.constantFrom<readonly string[]>([], ['COUNT', '100'], ['COUNT', '0'], ['BAD', '1'], ['MATCH']);

/** A command on a hash or a set. */
export const collectionCommand: fc.Arbitrary<Words> = fc.oneof(
  command('HSET', key, pairs),
  command('HSET', key, pairs, field),
  command('HMSET', key, pairs),
  command('HSETNX', key, field, value),
  command('HGET', key, field),
  command('HMGET', key, many(field)),
  ...['HGETALL', 'HKEYS', 'HVALS', 'HLEN', 'SMEMBERS', 'SCARD', 'TYPE', 'GET', 'STRLEN', 'DEL', 'TTL'].map((name) =>
    command(name, key),
  ),
  command('HEXISTS', key, field),
  command('HSTRLEN', key, field),
  command('HDEL', key, many(field)),
  command('HINCRBY', key, field, number),
  command('HSCAN', key, fc.constant('0'), scan),
  command('HSCAN', key, fc.constant('0'), fc.constant('MATCH'), pattern),
  command('SADD', key, many(field)),
  command('SREM', key, many(field)),
  command('SISMEMBER', key, field),
  command('SMISMEMBER', key, many(field)),
  command('SSCAN', key, fc.constant('0'), fc.constant('MATCH'), pattern),
  command('EXPIRE', key, fc.constant('10000')),
  command('SET', key, value),
  command('APPEND', key, value),
  command('INCR', key),
  command('MGET', many(key)),
  command('RENAME', key, key),
  command('COPY', key, key, fc.constantFrom([], ['REPLACE'])),
);
