import type { ExpiryOptions, PutEntry, ReadAs, ReadValues, Stored, StoredHead } from './values.js';

/** A condition that must hold when a transaction runs. */
export type TransactionCheck =
  | { readonly key: string; readonly version: string }
  | { readonly key: string; readonly absent: true }
  | { readonly key: string; readonly exists: true };

export interface TransactionOptions {
  /** Each operation sees what those before it did, and a key may stand several times. */
  readonly sequential?: boolean | undefined;
}

/** Has the entry as it was before in the result. */
export interface ReturnOld {
  readonly return: 'old';
}
type MayReturnOld = { readonly [M in keyof ReturnOld]?: ReturnOld[M] | undefined };

/** The operations do what the methods of the same name do. */
export type TransactionOperation<T> =
  | { readonly put: PutEntry<T> & MayReturnOld }
  | { readonly get: { readonly key: string; readonly as?: ReadAs } }
  | { readonly head: { readonly key: string } }
  | { readonly delete: { readonly key: string } & MayReturnOld }
  | { readonly increment: { readonly key: string; readonly by?: number | bigint } & ExpiryOptions }
  | { readonly append: { readonly key: string; readonly value: string | Uint8Array } }
  | { readonly merge: { readonly key: string; readonly patch: unknown } }
  | { readonly touch: { readonly key: string; readonly ttl: number | null } };

export interface Written {
  readonly version: string;
}

export interface Deleted {
  readonly existed: boolean;
}

export interface Incremented extends Written {
  readonly value: bigint;
  /** Missing if it never expires. */
  readonly expiresAt?: Date;
}

/** Of a put or delete with `return: 'old'`: the entry as it was before, at the moment of the write. */
interface WithOld<T> {
  readonly old: Stored<T> | undefined;
}
export interface Replaced<T> extends Written, WithOld<T> {}
export interface Removed<T> extends Deleted, WithOld<T> {}

/** The result of one operation: of `get` and `head` undefined if the entry does not exist. */
export type TransactionResult<O, T> = O extends { readonly get: { readonly as: infer A extends ReadAs } }
  ? Stored<ReadValues<T>[A]> | undefined
  : O extends { readonly get: unknown }
    ? Stored<T> | undefined
    : O extends { readonly head: unknown }
      ? StoredHead | undefined
      : O extends { readonly increment: unknown }
        ? Incremented
        : ChangeResult<O> & (O extends { readonly [K in 'put' | 'delete']?: ReturnOld } ? WithOld<T> : unknown);

type ChangeResult<O> = O extends { readonly delete: unknown } ? Deleted : Written;

export type TransactionResults<O extends readonly unknown[], T> = {
  readonly [I in keyof O]: TransactionResult<O[I], T>;
};
