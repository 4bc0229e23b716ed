import { decodeValue, type EncodedValue, type Refuse } from '../key-value-store/value-codec.js';
import type { Found, Meta, ReadAs, StoredHead } from '../key-value-store/values.js';
import { fromBase64 } from './base64.js';
import { PortkvError } from './http/portkv-error.js';
import { type ApiResponse, invalidResponse, versionOf } from './http/response.js';

export const refuse: Refuse = (code, message) => new PortkvError(code, message);

/** An entry as responses show it; times in seconds. */
export interface Item {
  readonly value?: unknown;
  readonly encoding?: string;
  readonly version: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at?: number;
  readonly meta?: Meta;
}

export function headOf(key: string, item: Item): StoredHead {
  return {
    key,
    version: item.version,
    contentType: item.content_type,
    sizeBytes: item.size_bytes,
    createdAt: wholeSeconds(item.created_at),
    updatedAt: wholeSeconds(item.updated_at),
    expiresAt: instant(item.expires_at),
    meta: item.meta,
  };
}

/** An entry whose value is shown as base64. */
export function storedOf<T, A extends ReadAs>(key: string, item: Item, as: A | undefined): Found<T, A> {
  if (item.encoding !== 'base64') {
    throw new PortkvError('invalid_response', 'The server shows values as it did before this client: update it');
  }
  const encoded = { value: fromBase64(String(item.value)), contentType: item.content_type };
  return withValue(headOf(key, item), encoded, as);
}

/** The entry of a response that has its bytes as the body. */
export function storedOfResponse<T, A extends ReadAs>(key: string, response: ApiResponse, as: A | undefined) {
  const { headers, body } = response;
  const header = (name: string) => headers.get(name) ?? undefined;
  const created = header('kv-created');
  if (created === undefined) throw invalidResponse(response);
  const [expires, meta] = [header('kv-expires'), header('kv-meta')];
  const contentType = utf8Of(header('content-type') ?? '');
  const head = {
    key,
    version: versionOf(response),
    contentType,
    sizeBytes: body.length,
    createdAt: wholeSeconds(Number(created)),
    updatedAt: new Date(header('last-modified') ?? Number(created) * 1000),
    expiresAt: instant(expires === undefined ? undefined : Number(expires)),
    meta: meta === undefined ? undefined : (JSON.parse(meta) as Meta),
  };
  return withValue<T, A>(head, { value: body, contentType }, as);
}

function withValue<T, A extends ReadAs>(head: StoredHead, encoded: EncodedValue, as: A | undefined): Found<T, A> {
  return { ...head, value: decodeValue(head.key, encoded, as, refuse) as Found<T, A>['value'] };
}

/** Not every response has the fractions. */
function wholeSeconds(seconds: number): Date {
  return new Date(Math.floor(seconds) * 1000);
}

export function instant(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(Math.round(seconds * 1000));
}

/** A header is bytes, which fetch shows as characters. */
function utf8Of(header: string): string {
  try {
    const bytes = Uint8Array.from(header, (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return header;
  }
}
