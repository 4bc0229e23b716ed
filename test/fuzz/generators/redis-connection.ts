import fc from 'fast-check';
import type { Words } from './redis-commands.js';

/** Lines of commands about the connection and the server, with arguments that are right and wrong. */
const LINES = [
  ...['UNWATCH', 'UNWATCH x', 'WATCH', 'DISCARD', 'DISCARD x', 'EXEC', 'EXEC x', 'MULTI x'],
  ...['SELECT 0', 'SELECT x', 'SELECT', 'SELECT 1.5'],
  ...['WAIT 0 0', 'WAIT x 0', 'WAIT 0 -1', 'WAIT 0', 'TIME x', 'ECHO', 'PING a b'],
  ...['CLIENT SETNAME me', 'CLIENT SETNAME a\u00a0b', 'CLIENT GETNAME', 'CLIENT GETNAME x', 'CLIENT ID x', 'CLIENT'],
  ...['CLIENT NO-EVICT ON', 'CLIENT NO-EVICT maybe', 'CLIENT LIST TYPE bad', 'CLIENT LIST BAD', 'CLIENT REPLY ON'],
  ...['CONFIG GET save', 'CONFIG GET', 'CONFIG SET', 'CONFIG', 'CONFIG REWRITE x'],
  ...['COMMAND GETKEYS GET a', 'COMMAND GETKEYS MSET a 1 b 2', 'COMMAND GETKEYS GET', 'COMMAND GETKEYS NOSUCH a'],
  ...['COMMAND GETKEYS DBSIZE x', 'COMMAND GETKEYS RENAME a b', 'COMMAND COUNT x', 'COMMAND LIST BAD'],
  ...['OBJECT', 'OBJECT ENCODING', 'OBJECT ENCODING a b', 'MEMORY USAGE a SAMPLES -1', 'MEMORY USAGE a BAD', 'MEMORY'],
  ...['HELLO 4', 'HELLO x', 'HELLO 2 BAD', 'HELLO 2 SETNAME', 'RESET x', 'QUIETLY'],
];

/** A command about the connection or the server. */
export const connectionCommand: fc.Arbitrary<Words> = fc
  .constantFrom(...LINES)
  .map((line) => line.split(' ').map((word) => Buffer.from(word)));

/** One that can wait for `EXEC`, or is refused there as by Redis. */
export const queueableCommand: fc.Arbitrary<Words> = connectionCommand.filter(
  ([name]) => !['HELLO', 'EXEC', 'DISCARD', 'RESET'].includes(String(name)),
);
