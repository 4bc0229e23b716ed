/** What a value is read as: by its content type, parsed as JSON, as its text, or as its bytes. */
export interface ReadValues<T> {
  /** JSON types are parsed, `text/*` is a string, anything else is bytes, as is what its type wrongly calls JSON. */
  readonly auto: T;
  /** Rejects with `unprocessable` if the value is no JSON. */
  readonly json: T;
  /** Exact, so that numbers keep their digits. Rejects with `unprocessable` if the value is no UTF-8. */
  readonly text: string;
  readonly bytes: Uint8Array;
}
export type ReadAs = keyof ReadValues<unknown>;

/** What can be written: anything that JSON represents; a text as it is, whatever its content type. */
export interface WrittenValues<T> {
  /** Bytes are stored as they are. */
  readonly json: T | Uint8Array;
  readonly text: string;
}
export type WriteAs = keyof WrittenValues<unknown>;

/** What a client says about an entry: at most 1,024 bytes of JSON. */
export type Meta = Readonly<Record<string, unknown>>;

/** All that is known of an entry but for its value. `version` is the ETag that a server sends, without its quotes. */
export interface StoredHead {
  readonly key: string;
  readonly version: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** A server sends whole seconds of `createdAt` and `updatedAt`. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date | undefined;
  readonly meta: Meta | undefined;
}

/** An entry with its value. */
export interface Stored<V> extends StoredHead {
  readonly value: V;
}

/** An entry with its value as the caller asked for it. */
export type Found<T, A extends ReadAs> = Stored<ReadValues<T>[A]>;

export interface ReadOptions<A extends ReadAs = 'auto'> {
  /** `auto` if it is not given. */
  readonly as?: A;
}

/** What must hold of an entry when it is written; else the call rejects with `precondition_failed`. */
export interface WriteConditions {
  /** It still has this version. */
  readonly ifVersion?: string | undefined;
  /** It does not exist. */
  readonly ifAbsent?: boolean | undefined;
}

export type IfVersion = Pick<WriteConditions, 'ifVersion'>;

/** When an entry expires; never without either. */
export interface ExpiryOptions {
  /** Seconds from now; fractions are allowed. Give this or `expiresAt`. */
  readonly ttl?: number | undefined;
  readonly expiresAt?: Date | undefined;
}

/** Of an increment: the expiry counts only if it creates the entry. */
export interface IncrementOptions extends ExpiryOptions, WriteConditions {}

export interface PutValue<A extends WriteAs = 'json'> extends ExpiryOptions {
  /** `json` if it is not given. */
  readonly as?: A;
  /** `application/json`, `text/plain; charset=utf-8` or `application/octet-stream` if it is not given. */
  readonly contentType?: string | undefined;
  /** Metadata to keep with the value. Without it the entry has none, unless `keepMeta` keeps what it has. */
  readonly meta?: Meta | undefined;
  readonly keepMeta?: boolean | undefined;
}

export interface PutOptions<A extends WriteAs = 'json'> extends PutValue<A>, WriteConditions {}

/** One of the entries of `putMany`. */
export interface PutEntry<T, A extends WriteAs = WriteAs> extends PutValue<A> {
  readonly key: string;
  readonly value: WrittenValues<T>[A];
}
