import type { Writable } from 'node:stream';
import type { Watch } from '../../../application/changes/active-watches.js';
import { attachValues } from '../../../application/keyspace/attach-values.js';
import type { Keyspace } from '../../../application/keyspace/keyspace.js';
import { readChanges } from '../../../application/keyspace/read-changes.js';
import type { Identity } from '../../../domain/api-key.js';
import type { Change } from '../../../domain/change.js';
import type { KeyFilter } from '../../../domain/key.js';
import { changeEvent, streamEvent } from './change-json.js';

/** How much may wait for a reader beside what is being written, in bytes. */
const MOST_UNREAD = 64 * 1024;
/** A reader that takes longer than that for what waits for it, and is slower than that, is cut off; in ms and bytes per second. */
const PATIENCE = 30_000;
const SLOWEST = 16 * 1024;

/** How many changes are written at a time to a reader that is behind. */
const PAGE = 500;

export interface StreamRequest {
  readonly keyspace: Keyspace;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  readonly values: boolean;
}

/**
 * One open stream: a place in the log of changes. While it keeps up, it is given what all others are given; when its reader is
 * slow, nothing is kept for it: it reads on from the log where it stopped, and gets `resync` where the log does not reach back so far.
 */
export class SseStream implements Watch {
  readonly project: string;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  readonly values: boolean;
  readonly #keyspace: Keyspace;
  /** The version of the last change that the reader was given, or need not be given; undefined where that is all that was published. */
  #behind: number | undefined;
  #reading = false;
  #fullSince: number | undefined;
  #ended = false;

  constructor(
    { keyspace, caller, filter, values }: StreamRequest,
    private readonly out: Writable,
    position: number,
    /** How far this stream may read. */
    private readonly published: () => number,
    private readonly onEnd: (stream: SseStream) => void,
  ) {
    this.project = keyspace.project;
    this.caller = caller;
    this.filter = filter;
    this.values = values;
    this.#keyspace = keyspace;
    this.#behind = position;
    out.on('drain', () => {
      this.#fullSince = undefined;
      this.catchUp();
    });
    out.on('close', () => this.end());
    out.on('error', () => this.end());
  }

  /** Whether it can be given more now. */
  get ready(): boolean {
    return !this.#reading && this.#fullSince === undefined && !this.#ended;
  }

  get upToDate(): boolean {
    return this.#behind === undefined;
  }

  get position(): number {
    return this.#behind ?? this.published();
  }

  /** What is published from now on is not given by the way. */
  markBehind(): void {
    this.#behind ??= this.published();
  }

  write(chunk: string | Buffer): void {
    if (this.#ended) return;
    this.out.write(chunk);
    if (this.out.writableLength <= MOST_UNREAD || this.#fullSince !== undefined) return;
    this.#fullSince = performance.now();
    this.markBehind();
  }

  /** Catches up from the log as far as the reader takes it; nothing where it is about that already. */
  catchUp(): void {
    if (!this.ready || this.upToDate) return;
    this.#catchUp().catch(() => this.end());
  }

  /** Cuts off a reader that does not read. */
  endIfStalled(): void {
    if (this.#fullSince === undefined) return;
    const allowed = Math.max(PATIENCE, (this.out.writableLength / SLOWEST) * 1000);
    if (performance.now() - this.#fullSince > allowed) this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd(this);
    if (this.#fullSince === undefined) this.out.end();
    else this.out.destroy();
  }

  async #catchUp(): Promise<void> {
    this.#reading = true;
    try {
      while (!this.#ended && this.#fullSince === undefined && this.position < this.published()) await this.#readPage();
      if (this.#fullSince === undefined && this.#behind === this.published()) this.#behind = undefined;
    } finally {
      this.#reading = false;
    }
  }

  async #readPage(): Promise<void> {
    const log = this.#keyspace.changes;
    const news = readChanges(log, this.filter, this.position, PAGE, this.published());
    if (news === undefined) {
      this.#behind = this.published();
      this.write(streamEvent('resync', log.tokenOf(this.position)));
      return;
    }
    const changes = this.values ? await attachValues(this.#keyspace, news.changes) : news.changes;
    const whole = changes.length === news.changes.length;
    this.#behind = whole ? news.position : (changes[changes.length - 1] as Change).version;
    if (changes.length > 0) this.write(this.#textOf(changes));
  }

  #textOf(changes: readonly Change[]): string {
    const log = this.#keyspace.changes;
    return changes.map((change) => changeEvent(change, this.values, log.tokenOf(change.version))).join('');
  }
}
