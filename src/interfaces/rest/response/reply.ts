import type { Writable } from 'node:stream';

export type Body = Uint8Array | string | AsyncIterable<Uint8Array | string>;

/** A response: raw, in the envelope if it has a `message`, a stream without an end, or one that is not known yet. */
export type Reply = ReadyReply | DeferredReply;
export type ReadyReply = RawReply | EnvelopeReply | StreamReply;

export interface RawReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
}

export interface EnvelopeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message: string;
  /** JSON text, or pieces of it if it is streamed; left out for null. */
  readonly data?: string | AsyncIterable<string>;
}

/** The handler writes by itself after the head is written; not for HEAD. */
export interface StreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: (out: Writable) => void;
}

/** Waits for what the client asked to wait for; `onGone` takes a listener that is called if the client disconnects. */
export interface DeferredReply {
  readonly resolve: (onGone: (listener: () => void) => void) => Promise<ReadyReply>;
}
