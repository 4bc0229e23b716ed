import type { Identity, Scope } from '../../domain/api-key.js';
import { type Entry, type EntryHead, headOf, isLive } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { MAX_READ_BYTES } from '../../domain/limits.js';
import { apply, type Operation, type Outcome, type WriteStamp } from '../../domain/operation.js';
import { netChanges } from '../../domain/transaction.js';
import { requireScopeOn } from '../access/authorize.js';
import { requireValidContentType } from './content-type.js';
import { SCOPE_OF } from './operation-scope.js';

interface Step {
  readonly operation: Operation;
  readonly outcome: Outcome;
}

/** The entries of an update, by key, and what is true of the whole update. */
export interface UpdateState {
  readonly project: string;
  readonly keys: readonly string[];
  readonly current: readonly (Entry | undefined)[];
  readonly stamp: WriteStamp;
  /** The most bytes that a value of the project may have. */
  readonly maxValueBytes: number;
}

/**
 * Reads and changes named entries one after another at one moment: each step sees what those before it did. Every
 * method takes a key that the update named, and throws `insufficient_scope` if the caller may not do that with it.
 */
export class InteractiveTransaction {
  readonly #caller: Identity;
  readonly #state: UpdateState;
  /** By position in the keys: undefined before something was changed, or read. */
  #entries: (Entry | undefined)[] | undefined;
  #read: (Entry | undefined)[] | undefined;
  #positions: ReadonlyMap<string, number> | undefined;
  /** Of the key that was named last. */
  #position = 0;
  readonly #steps: Step[] = [];
  #bytesRead = 0;
  #unconditional = false;

  constructor(caller: Identity, state: UpdateState) {
    this.#caller = caller;
    this.#state = state;
  }

  /** The time of the update, in ms since 1970. */
  get now(): number {
    return this.#state.stamp.now;
  }

  get maxValueBytes(): number {
    return this.#state.maxValueBytes;
  }

  /** Whether a change was made without `isConditional`. */
  get isUnconditional(): boolean {
    return this.#unconditional;
  }

  /** The entry, to be shown to the caller. Throws `too_large` if the values read are too many bytes together. */
  get(key: string): Entry | undefined {
    requireScopeOn(this.#caller, 'read', key);
    return this.#counted(this.#positionOf(key));
  }

  /** The entry without its value, to be shown to the caller. */
  head(key: string): EntryHead | undefined {
    requireScopeOn(this.#caller, 'read', key);
    const entry = this.#live(this.#positionOf(key));
    return entry && headOf(entry);
  }

  /**
   * The entry that the caller is about to write, which it need not be allowed to read: it may learn from it only what
   * every write reveals, which is whether there is an entry, its size, and when it expires.
   */
  before(key: string): Entry | undefined {
    requireScopeOn(this.#caller, 'write', key);
    const position = this.#positionOf(key);
    const entry = this.#live(position);
    return entry !== undefined && this.#read?.[position] === entry ? entry : this.#counted(position);
  }

  /** Throws if the caller lacks a scope on a key, for a step that depends on what is stored. */
  require(key: string, ...scopes: readonly Scope[]): void {
    for (const scope of scopes) requireScopeOn(this.#caller, scope, key);
  }

  /** Applies one operation. `isConditional`: the caller said what it replaces. Throws the errors of `apply`. */
  apply(operation: Operation, isConditional = false): Outcome {
    requireScopeOn(this.#caller, SCOPE_OF[operation.kind], operation.key);
    if ('contentType' in operation) requireValidContentType(operation.contentType);
    const position = this.#positionOf(operation.key);
    const outcome = apply(operation, this.#live(position), this.#state.stamp, this.#state.project);
    if (outcome.after === outcome.before) return outcome;
    this.#set(position, outcome.after);
    this.#steps.push({ operation, outcome });
    if (!isConditional) this.#unconditional = true;
    return outcome;
  }

  /** Runs a part of the update, and undoes what it did if it throws. */
  attempt<T>(part: () => T): T {
    const [done, unconditional] = [this.#steps.length, this.#unconditional];
    try {
      return part();
    } catch (error) {
      for (const { operation, outcome } of this.#steps.splice(done).reverse()) {
        this.#set(this.#positionOf(operation.key), outcome.before);
      }
      this.#unconditional = unconditional;
      throw error;
    }
  }

  /** What the update changes in the end. */
  changes(): { readonly put: readonly Entry[]; readonly remove: readonly string[] } {
    const operations = this.#steps.map(({ operation }) => operation);
    const outcomes = this.#steps.map(({ outcome }) => outcome);
    return netChanges({ checks: [], operations, sequential: true }, outcomes);
  }

  /** Keys are named mostly in their order, and the same one several times. */
  #positionOf(key: string): number {
    const { keys } = this.#state;
    if (keys[this.#position] === key) return this.#position;
    if (keys[this.#position + 1] === key) return ++this.#position;
    this.#positions ??= new Map(keys.map((name, i) => [name, i]));
    const position = this.#positions.get(key);
    if (position === undefined) throw new Error(`an update touched a key that it did not name: ${key}`);
    this.#position = position;
    return position;
  }

  #set(position: number, entry: Entry | undefined): void {
    this.#entries ??= this.#state.current.slice();
    this.#entries[position] = entry;
  }

  #live(position: number): Entry | undefined {
    const entry = (this.#entries ?? this.#state.current)[position];
    if (entry?.expiresAt === undefined) return entry;
    return isLive(entry, this.now) ? entry : undefined;
  }

  /** Counts every reading of an entry: each may be a copy in a reply or a new value. The first may have any size. */
  #counted(position: number): Entry | undefined {
    const entry = this.#live(position);
    if (entry === undefined) return undefined;
    this.#read ??= new Array(this.#state.keys.length);
    this.#read[position] = entry;
    this.#bytesRead += entry.value.length;
    if (this.#bytesRead <= MAX_READ_BYTES || this.#bytesRead === entry.value.length) return entry;
    const message = `The values to read have more than ${MAX_READ_BYTES} bytes together; nothing was changed`;
    throw new AppError('too_large', message, { details: { limit_bytes: MAX_READ_BYTES } });
  }
}
