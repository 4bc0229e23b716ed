import type { Store } from '../ports/store.js';
import { differences } from './differences.js';

/** How long the log of the source may take to say what changed, in ms: then all keys are compared instead. */
const TIMEOUT = 500;

/** A key that changed, and the size of its value in the source, or 0. */
interface ChangedKey {
  readonly key: string;
  readonly sizeBytes: number;
}

/**
 * The keys that a source has in other versions than its copy, because other servers write there, too. Comparing all of
 * them takes longer the more there are; after the first time, the log of the source's commits says what was changed.
 */
export class ChangedElsewhere {
  /** The position in that log from which on changes are looked for. */
  #known: string | undefined;

  constructor(
    private readonly source: Store,
    private readonly target: Store,
  ) {}

  /** Those that changed since the last call, and maybe some more; all that differ at the first one. */
  async *keys(): AsyncGenerator<ChangedKey> {
    const logged = await this.#logged().catch(() => undefined);
    if (logged !== undefined) {
      yield* logged;
      return;
    }
    this.#known = await this.#start().catch(() => undefined);
    yield* differences(this.source, this.target);
  }

  /** What the log has since the position that is known; undefined if it does not say. */
  async #logged(): Promise<readonly ChangedKey[] | undefined> {
    const { commitLog } = this.source;
    if (commitLog === undefined || this.#known === undefined) return undefined;
    const changed = new Map<string, ChangedKey>();
    const end = await commitLog.end();
    for await (const { commits, position } of commitLog.read(this.#known, AbortSignal.timeout(TIMEOUT))) {
      for (const { changes } of commits) for (const { key, sizeBytes } of changes) changed.set(key, { key, sizeBytes });
      if (position < end) continue;
      this.#known = position;
      return [...changed.values()];
    }
    return undefined;
  }

  /** The position from which on the log has what is committed from now on. */
  async #start(): Promise<string | undefined> {
    const pages = this.source.commitLog?.read(undefined, AbortSignal.timeout(TIMEOUT)) ?? [];
    for await (const { position } of pages) return position;
    return undefined;
  }
}
