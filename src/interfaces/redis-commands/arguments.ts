import { isUtf8 } from 'node:buffer';
import type { Arguments, Command } from './command.js';
import { notAnInteger, RedisError, wrongArity } from './redis-error.js';

const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

/** Up to this length it is faster to look at each byte than to call out of JavaScript. */
const SHORT_BYTES = 64;

/** A key as PortKV names it. */
export function keyOf(bytes: Buffer): string {
  if (isShortAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) throw new RedisError('a key must be valid UTF-8');
  return bytes.toString();
}

function isShortAscii(bytes: Buffer): boolean {
  if (bytes.length > SHORT_BYTES) return false;
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] as number) > 127) return false;
  return true;
}

/** Throws if there are too few arguments or too many. */
export function requireArity(command: Pick<Command, 'name' | 'arity'>, args: Arguments): void {
  if (!hasArity(command, args)) throw wrongArity(command.name);
}

export function hasArity({ arity }: Pick<Command, 'arity'>, args: Arguments): boolean {
  return arity < 0 ? args.length >= -arity : args.length === arity;
}

/** The argument at a position that the arity of the command promises. */
export function argument(args: Arguments, position: number): Buffer {
  const found = args[position];
  if (found === undefined) throw new Error(`the arity promises an argument at ${position}`);
  return found;
}

/** The text of an option, in upper case. */
export function optionOf(bytes: Buffer): string {
  return bytes.toString('latin1').toUpperCase();
}

/** An integer of 64 bits as Redis reads it: no spaces, no plus, no leading zeros. */
export function parseInteger(bytes: Uint8Array): bigint | undefined {
  if (bytes.length > 20) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return isInteger64(value) ? value : undefined;
}

export function isInteger64(value: bigint): boolean {
  return value >= MIN_INTEGER && value <= MAX_INTEGER;
}

export function integerArgument(bytes: Uint8Array): bigint {
  const value = parseInteger(bytes);
  if (value === undefined) throw notAnInteger();
  return value;
}

/** An integer that is a position or a count: what is beyond 2^53 is as good as 2^53. */
export function positionArgument(bytes: Uint8Array): number {
  return Number(integerArgument(bytes));
}
