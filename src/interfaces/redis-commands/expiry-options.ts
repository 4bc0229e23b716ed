import { MAX_EXPIRES_AT } from '../../domain/limits.js';
import type { Expiry } from '../../domain/operation.js';
import { integerArgument, isInteger64, optionOf } from './arguments.js';
import type { Arguments } from './command.js';
import { invalidExpireTime, syntaxError } from './redis-error.js';

/** The unit of a time, in ms, and whether it counts from 1970. */
const UNITS: Readonly<Record<string, { readonly ms: bigint; readonly absolute: boolean }>> = {
  EX: { ms: 1000n, absolute: false },
  PX: { ms: 1n, absolute: false },
  EXAT: { ms: 1000n, absolute: true },
  PXAT: { ms: 1n, absolute: true },
};

export type ExpiryUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT';

/**
 * The instant that a time in a command means, in ms since 1970; the last possible one if it is later. Throws if Redis
 * could not hold it.
 */
export function instantOf(bytes: Buffer, unit: string, now: number, command: string): number {
  const { ms, absolute } = UNITS[unit] as (typeof UNITS)[string];
  const time = integerArgument(bytes) * ms;
  const at = time + (absolute ? 0n : BigInt(Math.floor(now)));
  if (!isInteger64(time) || !isInteger64(at)) throw invalidExpireTime(command);
  return Math.min(Number(at), MAX_EXPIRES_AT);
}

/** The same for commands that refuse times that are not positive. */
export function positiveInstantOf(bytes: Buffer, unit: string, now: number, command: string): number {
  if (integerArgument(bytes) <= 0n) throw invalidExpireTime(command);
  return instantOf(bytes, unit, now, command);
}

/** The options of `SET` and `GETEX`. */
export interface StringOptions {
  /** Undefined if none is given. Throws if it is no time, or over. */
  expiry(): Expiry | undefined;
  readonly exists: 'NX' | 'XX' | undefined;
  readonly get: boolean;
}

/** Reads the options from a position on; `allowed` are those that the command has beside the times. */
export function stringOptions(
  args: Arguments,
  from: number,
  allowed: readonly string[],
  now: number,
  command: string,
): StringOptions {
  /** The last option about the time; another one beside it is an error, the same one again is not. */
  let time: { readonly option: string; readonly bytes: Buffer | undefined } | undefined;
  let exists: 'NX' | 'XX' | undefined;
  let get = false;
  for (let i = from; i < args.length; i++) {
    const option = optionOf(args[i] as Buffer);
    const takesTime = UNITS[option] !== undefined;
    if (takesTime ? i + 1 === args.length : !allowed.includes(option)) throw syntaxError();
    if (takesTime || option === 'KEEPTTL' || option === 'PERSIST') {
      if (time !== undefined && time.option !== option) throw syntaxError();
      time = { option, bytes: takesTime ? args[++i] : undefined };
    } else if (option === 'GET') get = true;
    else if (exists !== undefined && exists !== option) throw syntaxError();
    else exists = option as 'NX' | 'XX';
  }
  return { expiry: () => time && expiryOf(time.option, time.bytes, now, command), exists, get };
}

function expiryOf(option: string, bytes: Buffer | undefined, now: number, command: string): Expiry {
  if (bytes === undefined) return option === 'KEEPTTL' ? 'keep' : 'never';
  return { at: positiveInstantOf(bytes, option, now, command) };
}
