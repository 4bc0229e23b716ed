import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { MAX_OPERATIONS } from '../../domain/limits.js';
import type { WriteStamp } from '../../domain/operation.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireValidKey } from '../access/authorize.js';
import type { Awaitable } from '../awaitable.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import type { Clock } from '../ports/clock.js';
import { ConditionRequiredError } from './conditions.js';
import { InteractiveTransaction } from './interactive-transaction.js';

export interface EntriesUpdate<T> {
  /** Every key that `run` may touch; one that it may write several times occurs as often. */
  readonly keys: readonly string[];
  /** Whether `run` changes nothing. */
  readonly readsOnly: boolean;
  /** Decides from the entries what to change. Must be pure: it runs again if another write came first. */
  run(transaction: InteractiveTransaction): T;
}

/** Reads and changes several named entries at one moment, as a function decides. */
@injectable()
export class UpdateEntries {
  constructor(@inject(Keyspaces) private readonly keyspaces: Pick<Keyspaces, 'of'>) {}

  /**
   * Returns what `run` returns, after its changes are durable; if it throws, nothing is changed. Each key needs the
   * scope of what `run` does with it. Synchronous if the engine is, except for reads of several keys.
   */
  execute<T>(caller: Identity, project: string, update: EntriesUpdate<T>): Awaitable<T> {
    requireAccess(caller, rules.transaction, project);
    for (const key of update.keys) requireValidKey(key);
    const keys = update.keys.length === 1 ? update.keys : [...new Set(update.keys)];
    if (keys.length > MAX_OPERATIONS) {
      throw new AppError('invalid', `at most ${MAX_OPERATIONS} keys can be read or changed at one moment`);
    }
    const run = update.readsOnly ? read : write;
    const keyspace = this.keyspaces.of(project);
    if (keyspace instanceof Promise) return keyspace.then((opened) => run(caller, opened, keys, update));
    return run(caller, keyspace, keys, update);
  }
}

function read<T>(
  caller: Identity,
  keyspace: Keyspace,
  keys: readonly string[],
  update: EntriesUpdate<T>,
): Awaitable<T> {
  if (keys.length !== 1)
    return keyspace.getMany(keys).then((current) => runRead(caller, keyspace, keys, current, update));
  const found = keyspace.get(keys[0] as string);
  if (found instanceof Promise) return found.then((entry) => runRead(caller, keyspace, keys, [entry], update));
  return runRead(caller, keyspace, keys, [found], update);
}

function runRead<T>(
  caller: Identity,
  keyspace: Keyspace,
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
  update: EntriesUpdate<T>,
): T {
  return update.run(begin(caller, keyspace, keys, current, new ReadStamp(keyspace.clock)));
}

function write<T>(
  caller: Identity,
  keyspace: Keyspace,
  keys: readonly string[],
  update: EntriesUpdate<T>,
): Awaitable<T> {
  const decide = (current: readonly (Entry | undefined)[], stamp: WriteStamp) => {
    const transaction = begin(caller, keyspace, keys, current, stamp);
    const result = update.run(transaction);
    if (keyspace.rules.requireConditional && transaction.isUnconditional) {
      throw new ConditionRequiredError(keyspace.project, 'entry');
    }
    return { result, ...transaction.changes() };
  };
  return keyspace.write(keys, decide, update.keys.length);
}

function begin(
  caller: Identity,
  keyspace: Keyspace,
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
): InteractiveTransaction {
  const { project, rules: limits } = keyspace;
  return new InteractiveTransaction(caller, { project, keys, current, stamp, maxValueBytes: limits.maxValueBytes });
}

/** Of an update that said it would change nothing. Most never ask for the time. */
class ReadStamp implements WriteStamp {
  readonly #clock: Clock;
  #now: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): number {
    this.#now ??= this.#clock.now();
    return this.#now;
  }

  version(): never {
    throw new Error('an update that only reads made a change');
  }
}
