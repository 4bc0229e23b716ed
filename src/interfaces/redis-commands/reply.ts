import type { AppError } from '../../domain/errors.js';

/** What a command returns, for a transport to encode. */
export type Reply =
  /** A short text of the server, such as `OK`. */
  | { readonly type: 'simple'; readonly text: string }
  /** Bytes of a client. */
  | { readonly type: 'bulk'; readonly bytes: Uint8Array }
  /** Of 64 bits. */
  | { readonly type: 'integer'; readonly value: number | bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'null' }
  /** A transaction that was not run, because a watched key was changed. */
  | { readonly type: 'nullArray' }
  | { readonly type: 'array'; readonly items: readonly Reply[] }
  | { readonly type: 'set'; readonly items: readonly Reply[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Reply, Reply])[] }
  | ErrorReply;

export interface ErrorReply {
  readonly type: 'error';
  /** The first word of the error, such as `ERR` or `WRONGTYPE`. */
  readonly code: string;
  /** The rest of it. */
  readonly message: string;
  /** The error of PortKV, if it is not one of Redis alone. */
  readonly cause?: AppError;
}

export const OK: Reply = { type: 'simple', text: 'OK' };
export const NULL: Reply = { type: 'null' };
export const NULL_ARRAY: Reply = { type: 'nullArray' };

export function bulk(bytes: Uint8Array | string): Reply {
  return { type: 'bulk', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes };
}

/** The bytes, or null. */
export function bulkOrNull(bytes: Uint8Array | undefined): Reply {
  return bytes === undefined ? NULL : bulk(bytes);
}

export function integer(value: number | bigint | boolean): Reply {
  return { type: 'integer', value: typeof value === 'boolean' ? Number(value) : value };
}

export function array(items: readonly Reply[]): Reply {
  return { type: 'array', items };
}

/** How many bytes of values a reply has. */
export function replyBytes(reply: Reply): number {
  if (reply.type === 'bulk') return reply.bytes.length;
  if (reply.type === 'map') return reply.entries.flat().reduce((sum, item) => sum + replyBytes(item), 0);
  return reply.type === 'array' || reply.type === 'set'
    ? reply.items.reduce((sum, item) => sum + replyBytes(item), 0)
    : 0;
}
