import type { InteractiveTransaction } from '../../../application/entries/interactive-transaction.js';
import { argument, optionOf } from '../arguments.js';
import { type Arguments, type EntryCommand, firstKey } from '../command.js';
import { type ExpiryUnit, instantOf } from '../expiry-options.js';
import { RedisError } from '../redis-error.js';
import { integer } from '../reply.js';

const read = { arity: 2, flags: ['read', 'fast'], keys: firstKey } as const;

/** When keys expire. */
export const expiryCommands: readonly EntryCommand[] = [
  expire('expire', 'EX'),
  expire('pexpire', 'PX'),
  expire('expireat', 'EXAT'),
  expire('pexpireat', 'PXAT'),
  { name: 'ttl', ...read, run: readExpiry((at, now) => Math.floor((at - now + 500) / 1000)) },
  { name: 'pttl', ...read, run: readExpiry((at, now) => at - Math.floor(now)) },
  { name: 'expiretime', ...read, run: readExpiry((at) => Math.floor((at + 500) / 1000)) },
  { name: 'pexpiretime', ...read, run: readExpiry((at) => at) },
  {
    name: 'persist',
    arity: 2,
    flags: ['write', 'fast'],
    keys: firstKey,
    run: (transaction, _, [key = '']) => {
      if (transaction.before(key)?.expiresAt === undefined) return integer(0);
      transaction.apply({ kind: 'touch', key, expiry: 'never' });
      return integer(1);
    },
  },
];

function expire(name: string, unit: ExpiryUnit): EntryCommand {
  return {
    name,
    arity: -3,
    flags: ['write', 'fast'],
    keys: firstKey,
    run: (transaction, args, [key = '']) => {
      const options = expireOptions(args);
      const at = instantOf(argument(args, 2), unit, transaction.now, name);
      if (at <= transaction.now) transaction.require(key, 'delete');
      const before = transaction.before(key);
      if (before === undefined || !permits(options, before.expiresAt, at)) return integer(0);
      setExpiry(transaction, key, at);
      return integer(1);
    },
  };
}

/** An instant that is over removes the entry. */
function setExpiry(transaction: InteractiveTransaction, key: string, at: number): void {
  if (at <= transaction.now) transaction.apply({ kind: 'delete', key });
  else transaction.apply({ kind: 'touch', key, expiry: { at } });
}

function expireOptions(args: Arguments): ReadonlySet<string> {
  const options = new Set<string>();
  for (const bytes of args.slice(3)) {
    const option = optionOf(bytes);
    if (!['NX', 'XX', 'GT', 'LT'].includes(option)) {
      throw new RedisError(`Unsupported option ${bytes.toString('utf8')}`);
    }
    options.add(option);
  }
  if (options.has('NX') && options.size > 1) {
    throw new RedisError('NX and XX, GT or LT options at the same time are not compatible');
  }
  if (options.has('GT') && options.has('LT')) {
    throw new RedisError('GT and LT options at the same time are not compatible');
  }
  return options;
}

/** Whether the options let the expiry `before` become `after`; an entry without one counts as never expiring. */
function permits(options: ReadonlySet<string>, before: number | undefined, after: number): boolean {
  if (options.has('NX') && before !== undefined) return false;
  if (options.has('XX') && before === undefined) return false;
  if (options.has('GT') && (before === undefined || after <= before)) return false;
  return !(options.has('LT') && before !== undefined && after >= before);
}

/** -2 if there is no entry, -1 if it does not expire. */
function readExpiry(view: (at: number, now: number) => number): EntryCommand['run'] {
  return (transaction, _, [key = '']) => {
    const head = transaction.head(key);
    if (head === undefined) return integer(-2);
    return integer(head.expiresAt === undefined ? -1 : view(head.expiresAt, transaction.now));
  };
}
