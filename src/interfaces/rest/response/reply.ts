import type { Writable } from 'node:stream';

export type Body = Uint8Array | string | AsyncIterable<Uint8Array | string>;

/** A response: raw, in the envelope if it has a `message`, an endless stream, or deferred. */
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

/** `stream` is called after the header is written, but not for HEAD. */
export interface StreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: (out: Writable) => void;
}

/**
 * Resolves when what the client waits for has happened; `onGone` takes a listener that is called if the client
 * disconnects.
 */
export interface DeferredReply {
  readonly resolve: (onGone: (listener: () => void) => void) => Promise<ReadyReply>;
}
