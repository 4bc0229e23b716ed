import { signal } from '@preact/signals';
import { ApiError, toApiError, UNREACHABLE } from '../api/api-error.js';
import { plural } from '../formats/quantity.js';
import { may, projectKeys } from '../session/session.js';
import { changeStream } from './change-stream.js';
import { type FeedEvent, feedEventOf } from './feed-event.js';
import { FeedHistory } from './feed-history.js';

export type FeedState =
  | { readonly kind: 'closed' | 'connecting' | 'open' }
  /** It is opened again at `retryAt`, in ms since 1970. */
  | { readonly kind: 'waiting'; readonly retryAt: number; readonly error: ApiError }
  | { readonly kind: 'refused'; readonly error: ApiError };

type Listener = (event: FeedEvent) => void;

/** The first delay before the stream is opened again, and the longest, in ms. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 10_000;
/** How long a stream stays open after its last listener went, in ms: the next view may want it. */
const LINGER = 2_000;

/** The changes of a project, by one stream however many listen. It is opened again after every break. */
export class ProjectFeed {
  readonly state = signal<FeedState>({ kind: 'closed' });
  readonly history = new FeedHistory();
  readonly #listeners = new Set<Listener>();
  #since: string | undefined;
  #brokenAt: number | undefined;
  #stop: AbortController | undefined;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #endWait: () => void = () => {};

  constructor(readonly project: string) {}

  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: Listener): () => void {
    clearTimeout(this.#lingering);
    this.#listeners.add(listener);
    if (this.#stop === undefined) void this.#run();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#lingering = setTimeout(() => this.close(), LINGER);
    };
  }

  /** Opens the stream now: it waits, or was refused. */
  retry(): void {
    this.#endWait();
    if (this.state.value.kind === 'refused' && this.#listeners.size > 0) void this.#run();
  }

  close(): void {
    this.suspend();
    this.#since = undefined;
  }

  /** Ends the stream. It goes on from there by `resume`. */
  suspend(): void {
    this.#stop?.abort();
    this.#endWait();
    this.#stop = undefined;
    this.#brokenAt = undefined;
    this.state.value = { kind: 'closed' };
  }

  resume(): void {
    if (this.#stop === undefined && this.#listeners.size > 0) void this.#run();
  }

  async #run(): Promise<void> {
    if (!may(this.project, 'watch')) return;
    const controller = new AbortController();
    this.#stop = controller;
    const { signal: stop } = controller;
    this.state.value = { kind: 'connecting' };
    for (let failures = 0; !stop.aborted; failures++) {
      const error = await this.#readStream(stop, () => {
        failures = 0;
      });
      if (stop.aborted) return;
      this.#brokenAt ??= Date.now();
      if (!isPassing(error)) {
        this.#stop = undefined;
        this.state.value = { kind: 'refused', error };
        return;
      }
      const delay = Math.min(FIRST_DELAY * 2 ** failures, LONGEST_DELAY) * (0.75 + Math.random() / 2);
      await this.#wait(Math.max(delay, (error.retryAfter ?? 0) * 1000), error);
    }
  }

  /** Resolves with why the stream ended. */
  async #readStream(stop: AbortSignal, onEvent: () => void): Promise<ApiError> {
    const key = projectKeys.value.get(this.project)?.key;
    if (key === undefined) return new ApiError(401, 'unauthenticated', 'This tab has no key of the project any more.');
    try {
      for await (const event of changeStream(this.project, { key, since: this.#since, stop })) {
        if (stop.aborted) break;
        onEvent();
        if (this.state.value.kind !== 'open') this.#opened(event.id !== undefined);
        this.#since = event.id ?? this.#since;
        const read = feedEventOf(event);
        if (read !== undefined) this.#publish(read);
      }
    } catch (error) {
      return toApiError(error instanceof DOMException ? new TypeError(error.message) : error);
    }
    return new ApiError(0, UNREACHABLE, 'The server ended the connection.');
  }

  /** `isResumed` is false if the server no longer knows where the last stream ended. */
  #opened(isResumed: boolean): void {
    this.state.value = { kind: 'open' };
    if (this.#brokenAt === undefined) return;
    const seconds = Math.max(1, Math.round((Date.now() - this.#brokenAt) / 1000));
    this.#brokenAt = undefined;
    if (isResumed) this.history.note(`Connected again after ${plural(seconds, 'second')}. Nothing was missed.`);
  }

  #publish(event: FeedEvent): void {
    if (event.event === 'resync') {
      this.history.note(
        'The server no longer knows what happened in between: changes may be missing here. Keys are read again.',
      );
    } else if (event.event !== 'ready') {
      this.history.add(event);
    }
    for (const listener of this.#listeners) listener(event);
  }

  async #wait(ms: number, error: ApiError): Promise<void> {
    this.state.value = { kind: 'waiting', retryAt: Date.now() + ms, error };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endWait = () => {};
    if (this.#stop !== undefined) this.state.value = { kind: 'connecting' };
  }
}

/** Whether the stream can be opened again: connections break, and servers are started again. */
function isPassing({ code, retryAfter, status }: ApiError): boolean {
  return code === UNREACHABLE || retryAfter !== undefined || status >= 500;
}
